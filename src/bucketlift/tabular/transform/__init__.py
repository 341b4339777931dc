"""Applies transforms to rows, one batch of Arrow columns at a time."""
