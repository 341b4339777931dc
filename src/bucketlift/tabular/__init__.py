"""Bytes to Arrow, exactly: every byte of a file ends in a row, a reject, or the count of blank lines."""
