"""Compare the ledger of a workflow with its destinations, bucket and archive."""
