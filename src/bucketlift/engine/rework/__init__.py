"""Loads mended rejects, and removes loaded rows again."""
