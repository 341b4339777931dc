"""Drafts of workflows that are edited on the page."""
