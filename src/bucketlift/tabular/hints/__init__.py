"""Finds the setting that fixes rejects, by reading the same bytes again with that setting."""
