"""From the bytes of a file to UTF-8 text: the kind of file, its encoding, and its escapes."""
