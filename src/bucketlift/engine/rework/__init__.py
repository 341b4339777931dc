"""Loads mended rejects, and takes loads out again."""
