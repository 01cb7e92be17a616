"""Pure functions from a `Recording` and a check to a `Finding`."""
