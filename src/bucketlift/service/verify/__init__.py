"""Compares a workflow's ledger with its destinations, its bucket and its archive."""
