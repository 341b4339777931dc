"""The migrations of the ledger, which are numbered in their order."""
