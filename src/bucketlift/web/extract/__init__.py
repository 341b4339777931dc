"""The pages *Extract data from Amazon S3*, which set up an extract task step by step."""
