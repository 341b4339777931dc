"""Backups, comparison with the world, and the removal of old rows."""
