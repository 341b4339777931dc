"""Numbered revisions of the ledger."""
