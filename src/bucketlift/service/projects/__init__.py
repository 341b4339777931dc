"""Workflow files, and local files read by their rules."""
