"""Reads one or many files into staged rows and rejects, by blocks or record by record."""
