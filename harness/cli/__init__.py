"""The command line: one module a command, from arguments to what is to be done. May import every room."""
