"""Converts text to values: integers, decimals, dates, timestamps and booleans, in the notations that people
use.
"""
