"""The process that takes waiting runs, and the limits that all processes share."""
