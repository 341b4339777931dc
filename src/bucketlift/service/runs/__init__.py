"""Services that start, end and watch runs, load mended rejects, and unload files."""
