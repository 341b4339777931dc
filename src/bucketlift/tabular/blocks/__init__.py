"""The fast path for whole files: blocks of records are checked and parsed many cells at a time."""
