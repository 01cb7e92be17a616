"""The command line: arguments, exit statuses; the only place that prints or exits."""
