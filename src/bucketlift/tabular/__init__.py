"""Converts the bytes of a file to Arrow, exactly: every byte is in a row or a reject, or is counted as left
out.
"""
