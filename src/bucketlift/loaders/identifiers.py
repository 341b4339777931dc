"""Quotes names in SQL."""

from __future__ import annotations


def quoted(*parts: str) -> str:
    """A name, optionally qualified, quoted as in standard SQL, so that any text is safe as a name.

    Every name in a statement must pass through this function.
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
