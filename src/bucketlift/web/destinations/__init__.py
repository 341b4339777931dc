"""The pages of destinations."""
