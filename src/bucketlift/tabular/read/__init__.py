"""Reads one or many files, by blocks or record by record, into staged rows and rejects."""
