"""Loads mended rejects, and removes the rows of loads."""
