"""A destination's own words, without secrets and without values of the rows."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

LONGEST = 300
"""Maximum number of characters."""
_QUOTED = re.compile("[\"'`«»„“”‘’].*[\"'`«»„“”‘’]", re.DOTALL)  # noqa: RUF001  servers use other languages too
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Cleans texts of one destination."""

    secrets: Collection[str] = ()

    def clean(self, text: str) -> str:
        """The text on one line, without secrets and quoted parts, which may be values of a row."""
        for secret in self.secrets:
            if secret:
                text = text.replace(secret, "…")
        one_line = " ".join(_CONTROLS.sub(" ", _QUOTED.sub("…", text)).split())
        return one_line if len(one_line) <= LONGEST else f"{one_line[:LONGEST]}…"

    def in_brackets(self, *parts: str) -> str:
        """Texts in brackets for the end of an error's text; empty without texts."""
        found = ": ".join(cleaned for part in parts if (cleaned := self.clean(part)))
        return f" [{found}]" if found else ""
