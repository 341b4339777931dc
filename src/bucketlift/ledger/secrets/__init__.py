"""Encrypted secrets, keys, accounts and destinations."""
