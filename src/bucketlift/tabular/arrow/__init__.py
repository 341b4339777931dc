"""The staged form of rows and rejects (Arrow IPC), and the keys of staged rows."""
