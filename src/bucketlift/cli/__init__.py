"""The command line: each command parses its arguments, calls one service and prints the result."""
