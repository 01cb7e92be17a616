"""The event vocabulary, kernel objects and `Recording`; pure functions over them."""
