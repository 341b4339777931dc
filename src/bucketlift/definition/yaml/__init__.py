"""YAML read with the line of each value, and problems told with their line and the nearest known word."""
