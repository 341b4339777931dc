"""Files, their rejects, and decisions about them."""
