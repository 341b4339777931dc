"""A parsed file compiled: its samples read, its references looked up, its parts checked against each other."""
