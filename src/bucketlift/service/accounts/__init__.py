"""Accounts: connected, shared, examined."""
