"""Names in SQL."""

from __future__ import annotations


def quoted(*parts: str) -> str:
    """A name, or a name with what it belongs to, quoted as in standard SQL so that any text is a name.

    The only way in which a name gets into a statement.
    """
    return ".".join('"' + part.replace('"', '""') + '"' for part in parts)
