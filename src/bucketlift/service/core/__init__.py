"""The installation, its workers, and waiting for runs."""
