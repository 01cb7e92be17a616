"""Runs one scenario in a supervised sandbox and returns its `Recording`; builds programs."""
