"""Tasks behind an extract: loads into tables, the conditions before them, and the destinations they go to."""
