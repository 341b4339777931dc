"""The installation, its workers, and the waiting for runs."""
