"""Converts text to values: integers, decimals, dates, timestamps and booleans, in the forms that people
write.
"""
