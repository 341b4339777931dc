"""Lifts CSV and TSV files out of Amazon S3 and loads them exactly once."""
