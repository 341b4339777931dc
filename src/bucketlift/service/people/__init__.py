"""People who sign in: passwords, sessions, tokens."""
