"""Applies transforms to rows: a batch of Arrow columns at a time."""
