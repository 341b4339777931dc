"""Runs, their leases, counts and logs."""
