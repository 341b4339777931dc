"""Accounts: connect, share and test."""
