"""Drafts of workflows as the page edits them."""
