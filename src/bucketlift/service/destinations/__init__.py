"""Destinations: made, named, examined."""
