"""Decrypts and decompresses objects within limits."""
