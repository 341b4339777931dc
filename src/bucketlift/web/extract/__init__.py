"""*Extract data from Amazon S3*, step by step."""
