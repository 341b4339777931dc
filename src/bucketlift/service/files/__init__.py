"""Services for files, their rejects, and decisions about them."""
