"""Acts on source objects after their load: copies, verifies and deletes them."""
