"""Quotes names in SQL."""

from __future__ import annotations


def quoted(*parts: str) -> str:
    """A name in the quotes of standard SQL. Several parts are joined by dots.

    Any text is safe as a name if it is quoted, so every name in a statement must pass through this function.
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
