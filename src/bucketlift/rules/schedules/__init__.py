"""When schedules start runs, how they are described in words, and when a file is missing."""
