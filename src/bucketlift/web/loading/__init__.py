"""Pages of conditions, loads and destinations."""
