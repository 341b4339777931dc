"""Transforms of rows, and the checks that rows must pass after them."""
