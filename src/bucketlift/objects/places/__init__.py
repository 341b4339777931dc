"""Places for files: a prefix of a bucket, a folder of an SFTP server, a folder of this machine."""
