"""Bucket stores: every read, copy and delete carries its precondition."""
