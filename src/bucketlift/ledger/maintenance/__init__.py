"""Backups, reads for `verify`, and removal of old rows."""
