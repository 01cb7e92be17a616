"""A student's own way through the course: what was graded, where that leaves them, what is next."""
