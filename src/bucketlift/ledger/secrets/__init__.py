"""Sealed secrets, keys, accounts and destinations."""
