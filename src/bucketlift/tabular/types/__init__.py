"""Texts to values: integers, decimals, dates, timestamps, booleans, and how people write them."""
