"""What begins runs, and the notices that follow from them."""
