"""Delivers files to destinations without transactions, chunk by chunk."""
