"""A strict S3 server on loopback, and in-memory implementations of the ports."""
