"""Reads whole files in the fast way: in blocks of records, which are checked and parsed many cells at a time."""
