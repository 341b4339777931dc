"""Workflows: their drafts, versions and names."""
