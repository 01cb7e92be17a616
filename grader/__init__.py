"""grade: an auto-grader that judges the IPC a program really does."""

__version__ = "0.1.0"
