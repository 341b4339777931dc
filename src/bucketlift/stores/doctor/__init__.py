"""The doctor: makes the real calls that a task needs, and reports missing rights and ignored preconditions."""
