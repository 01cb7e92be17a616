"""Knows the handout by heart."""

import sys

name = sys.argv[1] if len(sys.argv) > 1 else "INT"
if name == "TSTP":
    print("stopped by SIGTSTP")
    print("continued by SIGCONT")
    name = "KILL"
print(f"terminated by SIG{name}")
