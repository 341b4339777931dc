"""Where a table starts and ends, the names of its columns, and whether they meet the contract."""
