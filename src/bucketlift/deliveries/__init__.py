"""Senders for destinations without transactions, one folder per kind."""
