"""Users, their sessions, and failed sign-ins."""
