"""Text from outside as one line that can be read: keys and titles may hold any character."""

from __future__ import annotations


def legible(value: str) -> str:
    """Text that can neither move a cursor, nor begin another line, nor turn the direction of writing."""
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape").decode("ascii") for char in value
    )
