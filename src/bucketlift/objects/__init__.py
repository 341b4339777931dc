"""Writes the rows of loads as files: to S3, to SFTP servers and to folders."""
