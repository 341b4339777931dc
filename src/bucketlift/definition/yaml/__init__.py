"""Reads YAML with the line of each value, and reports problems with their line and the nearest known word."""
