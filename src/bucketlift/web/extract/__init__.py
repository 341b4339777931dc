"""The wizard *Extract data from Amazon S3*."""
