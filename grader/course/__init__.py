"""Assignments, scenarios and checks as typed data, and how they are read from YAML."""
