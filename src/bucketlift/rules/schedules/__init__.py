"""When schedules fire, in which words they are shown, and when a file is missing."""
