"""A strict S3 server on loopback, and implementations of the ports that store everything in memory."""
