"""Destinations: add, find and test."""
