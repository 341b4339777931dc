"""Converts the bytes of a file to UTF-8 text: finds the kind of file, its encoding, and its escapes."""
