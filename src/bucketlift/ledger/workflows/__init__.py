"""Workflows: drafts, versions, names."""
