"""The decoder families: each module fills rows of the system-call table."""
