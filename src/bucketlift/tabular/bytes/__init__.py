"""Access to a file's bytes, the characters that frame records, and encodings by name."""
