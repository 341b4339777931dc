"""Immutable values shared by all parts of Bucketlift."""
