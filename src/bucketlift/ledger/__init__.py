"""The ledger: the durable record of workflows, runs, source objects, receipts and the outbox.

It decides what is loaded.
"""
