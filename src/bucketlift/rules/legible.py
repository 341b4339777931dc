"""Prepares external text for one line of output, because keys and titles may contain any character."""

from __future__ import annotations


def legible(value: str) -> str:
    """Escape characters that move the cursor, break the line or change the writing direction."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in value
    )
