"""Secrets and PGP keys, by name."""
