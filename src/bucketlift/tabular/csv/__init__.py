"""Splits text into records and cells by the rules of RFC 4180. After a broken quote it finds where reading
can continue.
"""
