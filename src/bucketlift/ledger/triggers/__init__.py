"""Triggers of runs, and notices about runs."""
