"""Finds the setting that turns rejects into rows, by reading the same bytes again with the setting."""
