"""Services for users: passwords, sessions, tokens."""
