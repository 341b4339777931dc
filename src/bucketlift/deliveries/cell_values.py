"""Hides the values of a chunk's rows in a message of a destination."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

HIDDEN = "…"
MOST_WORDS = 4
"""Values with more words are recognized by any of their parts with this many words."""
SHORTEST = 3
"""Values with fewer characters are not hidden: they identify nobody, and many messages contain them."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class CellValues:
    """The values in the body of a request: JSON, JSON lines, or CSV with a header."""

    body: bytes

    def hide(self, text: str) -> str:
        """Replace the values that the text contains. Case and punctuation between words are ignored.

        If the values cannot be read, the whole text is replaced.
        """
        words = list(_WORD.finditer(text))
        if not words:
            return text
        try:
            known = self._known
        except (csv.Error, ValueError, RecursionError):
            return HIDDEN
        names = [word.group().casefold() for word in words]
        found = [False] * len(words)
        for first in range(len(words)):
            for end in range(first + 1, min(first + MOST_WORDS, len(words)) + 1):
                if " ".join(names[first:end]) in known:
                    found[first:end] = [True] * (end - first)
        parts, at = list[str](), 0
        for word, hidden in zip(words, found, strict=True):
            parts += [text[at : word.start()], HIDDEN if hidden else word.group()]
            at = word.end()
        return re.sub(rf"{HIDDEN}(\W*{HIDDEN})+", HIDDEN, "".join([*parts, text[at:]]))

    @cached_property
    def _known(self) -> frozenset[str]:
        """The values in lower case, with one blank between their words. Long values are cut into parts."""
        known = set[str]()
        for text in _texts(self.body):
            words = _WORD.findall(text.casefold())
            known.update(
                " ".join(words[at : at + MOST_WORDS]) for at in range(max(1, len(words) - MOST_WORDS + 1))
            )
        return frozenset(each for each in known if len(each) >= SHORTEST)


def _texts(body: bytes) -> Iterator[str]:
    text = body.decode("utf-8", "replace")
    try:
        yield from _of_json(json.loads(text, parse_float=str, parse_int=str))
    except ValueError:
        try:
            lines = [json.loads(line, parse_float=str, parse_int=str) for line in text.split("\n") if line]
        except ValueError:
            rows = csv.reader(io.StringIO(text, newline=""))
            next(rows, None)
            yield from (cell for row in rows for cell in row)
        else:
            yield from _of_json(lines)


def _of_json(value: Any) -> Iterator[str]:
    """The texts and numbers of a JSON document, without the names of its fields."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _of_json(each)
    elif isinstance(value, str):
        yield value
