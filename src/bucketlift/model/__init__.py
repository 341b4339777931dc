"""Frozen values: what the rest of Bucketlift speaks about."""
