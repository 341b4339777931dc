"""Backups, queries for `verify`, and the removal of old rows."""
