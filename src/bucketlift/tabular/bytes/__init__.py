"""The bytes of a file: where they are, the characters that frame records, and the encodings by name."""
