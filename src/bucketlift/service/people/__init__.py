"""Users: passwords, sessions, tokens."""
