"""A `Report` or `Recording` as text, JSON and the other forms."""
