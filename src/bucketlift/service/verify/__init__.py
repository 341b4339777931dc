"""Compares the ledger's records of a workflow with its destinations, bucket and archive."""
