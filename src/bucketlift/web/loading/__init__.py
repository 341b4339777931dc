"""The pages of conditions, loads and destinations."""
