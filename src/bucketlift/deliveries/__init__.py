"""The adapters that send rows to destinations without transactions. Each kind of destination has its own
folder.
"""
