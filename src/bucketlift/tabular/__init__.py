"""Bytes to Arrow, exactly: every byte of a file is in a row or a reject, or is counted as left out."""
