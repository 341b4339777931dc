"""Secrets and keys by name."""
