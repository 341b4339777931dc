"""When schedules fire, how they are described in words, and when a file is missing."""
