"""The ledger: the durable record of workflows, runs, source objects, receipts and the outbox.

Whether something is loaded is decided by the ledger alone.
"""
