"""Programs for people who work on Bucketlift."""
