"""Reads YAML with the line of each value. Reports problems with their line and the nearest known word."""
