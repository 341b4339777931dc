"""Database connections, transactions and the encoding of values, for all parts of the ledger."""
