"""The quick way through a file: blocks of records, checked and parsed many cells at a time."""
