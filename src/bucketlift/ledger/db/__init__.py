"""Connections, transactions and encodings of values that all parts of the ledger share."""
