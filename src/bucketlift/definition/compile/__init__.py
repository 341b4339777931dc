"""Compiles a parsed file: reads its samples, looks up its references, checks its parts against each other."""
