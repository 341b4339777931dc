"""The doctor: runs the real calls that a task needs, and names what is missing and what is ignored."""
