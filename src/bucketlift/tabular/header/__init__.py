"""Finds where a table starts and ends, reads the names of its columns, and checks them against the contract."""
