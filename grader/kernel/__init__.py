"""The only code that talks to Linux: ptrace, syscall table, namespaces, seccomp, limits."""
