"""Adds a database's own code and message to an error, without the contents of cells."""

from __future__ import annotations

import re

LONGEST = 300
"""Maximum number of characters of a database's message."""
_QUOTES = "\"'`«»„“”‘’‚‹›「」"  # noqa: RUF001  servers use other languages too
_QUOTED = re.compile(f"[{_QUOTES}].*[{_QUOTES}]", re.DOTALL)
_BYTES = re.compile(r"0x[0-9A-Fa-f]+(\s+0x[0-9A-Fa-f]+)*")


def in_brackets(database: str, code: str, message: str = "") -> str:
    """The database's name, code and message in brackets, to be added at the end of an error message."""
    one_line = " ".join(message.split())
    short = one_line if len(one_line) <= LONGEST else f"{one_line[:LONGEST]}…"
    head = " ".join(part for part in (database, code) if part)
    return f" [{head}: {short}]" if short else f" [{head}]"


def without_values(message: str) -> str:
    """The message without quoted parts and byte strings, because these may come from a cell."""
    return _BYTES.sub("…", _QUOTED.sub("…", message))
