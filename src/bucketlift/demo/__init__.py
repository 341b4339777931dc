"""The demo: an embedded S3 server, sample files, workflows, and the outcome of each object."""
