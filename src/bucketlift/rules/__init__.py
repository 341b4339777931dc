"""Pure functions: what is to be done, decided from values alone."""
