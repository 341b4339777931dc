"""Pure functions: decisions made from values alone."""
