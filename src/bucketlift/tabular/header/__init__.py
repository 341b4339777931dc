"""Where a table begins and ends, what its columns are called, and whether they are those of the contract."""
