"""Fetches and reads the files of a batch."""
