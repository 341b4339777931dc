"""The staged form of rows and rejects (Arrow IPC files), and the check of the keys of staged rows."""
