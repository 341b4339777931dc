"""Pure functions: each result depends only on the arguments."""
