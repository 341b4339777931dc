"""S3 access: every read, copy and delete carries its precondition."""
