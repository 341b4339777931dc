"""Transforms of rows, and the checks of the transformed rows."""
