"""Stores whose objects are files, in a folder or on an SFTP server."""
