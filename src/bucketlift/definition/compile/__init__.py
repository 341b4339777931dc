"""Compiles a parsed file: reads its samples, looks up its references, and checks its parts against each
other.
"""
