"""Loads staged files into their destinations."""
