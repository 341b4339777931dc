"""Acts on source objects after their load: copies, verifies, deletes."""
