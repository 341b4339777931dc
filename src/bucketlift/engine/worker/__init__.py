"""The process that executes waiting runs, and the limits that all processes share."""
