"""Executes a run from its listing to the last action, and records each step in the ledger."""
