"""Reads files: one or many, by blocks or record by record, into staged rows and rejects."""
