"""Services for secrets and PGP keys, which have names."""
