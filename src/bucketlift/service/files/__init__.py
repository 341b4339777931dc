"""Files and their rejects, and what a person decides about them."""
