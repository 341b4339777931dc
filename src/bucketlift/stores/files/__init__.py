"""Stores whose objects are files: a folder, and an SFTP server."""
