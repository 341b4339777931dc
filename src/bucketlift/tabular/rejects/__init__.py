"""Exports rejects as files for people, and reads the mended rows from such files."""
