"""Cleans messages of a destination, so that they contain no secrets and no values of rows."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from bucketlift.deliveries.cell_values import CellValues

LONGEST = 300
"""Maximum number of characters of a cleaned message."""
LONGEST_READ = 2_000
"""Maximum number of characters of a message in which values of rows are looked for. The rest is dropped."""
_QUOTED = re.compile("[\"'`«»„“”‘’].*[\"'`«»„“”‘’]", re.DOTALL)  # noqa: RUF001  servers use other languages too
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Cleans the messages of one destination."""

    secrets: Collection[str] = ()
    cells: CellValues | None = None
    """The values of the chunk that the message is about."""

    def clean(self, text: str) -> str:
        """The text on one line, with secrets, values of rows and quoted parts replaced. A quoted part may be a value
        that the destination changed.
        """
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "…")
        if self.cells is not None:
            text = self.cells.hide(text[:LONGEST_READ])
        one_line = " ".join(_CONTROLS.sub(" ", _QUOTED.sub("…", text)).split())
        return one_line if len(one_line) <= LONGEST else f"{one_line[:LONGEST]}…"

    def in_brackets(self, *parts: str) -> str:
        """The cleaned texts in square brackets, for the end of an error message. If no text is left, the
        result is empty.
        """
        found = ": ".join(cleaned for part in parts if (cleaned := self.clean(part)))
        return f" [{found}]" if found else ""
