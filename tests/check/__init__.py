"""Checks are pure functions, so they are judged here on recordings written by hand."""
