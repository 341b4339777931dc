"""Access to a file's bytes, the characters that separate records and cells, and encodings by name."""
