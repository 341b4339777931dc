"""Loaders: how each destination takes rows and their receipts in one transaction."""
