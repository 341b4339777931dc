"""Pure functions: they decide from their arguments alone."""
