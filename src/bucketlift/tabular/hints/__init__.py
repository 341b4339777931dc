"""Which setting reads what is rejected: found by reading the same bytes again with that setting."""
