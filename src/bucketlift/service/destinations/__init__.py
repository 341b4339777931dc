"""Services that add, find and test destinations."""
