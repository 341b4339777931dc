"""Rejects as files for people, and the mended rows that come back."""
