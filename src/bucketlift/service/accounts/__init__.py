"""Services that connect, share and test accounts."""
