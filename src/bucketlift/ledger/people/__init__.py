"""People, their browsers, and failed sign-ins."""
