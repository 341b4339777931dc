"""From the bytes of a file to text in UTF-8: what kind of file it is, its encoding, and its escapes."""
