"""Quotes names in SQL."""

from __future__ import annotations


def quoted(*parts: str) -> str:
    """A name in quotes of standard SQL, with qualifiers if there are several parts.

    Quoted, any text is safe as a name. Every name in a statement must pass through this function.
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
