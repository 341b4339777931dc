"""Accounts: one's own and shared ones, and how they are connected."""
