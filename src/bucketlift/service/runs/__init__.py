"""Runs: start, end and watch them; load mended rejects, and unload files."""
