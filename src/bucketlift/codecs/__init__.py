"""Encrypted and compressed bytes to plain ones, bounded: bytes in, bytes out."""
