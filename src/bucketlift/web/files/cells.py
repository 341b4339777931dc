"""Prepares text of a file for display: invisible characters become visible, so that they cannot mislead the
reader.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

MOST = 400
"""Maximum number of characters of a text that are shown."""
_DELETE = 0x7F
_PICTURES = 0x2400
"""The code point of the first of Unicode's 32 pictures for control characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of a text. If ``mark`` is true, the part stands for the invisible character ``name``."""

    text: str
    mark: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    pieces: tuple[Piece, ...]
    length: int
    """The number of characters of the whole text."""
    cut: int
    """The number of characters that are not shown."""


def visible(text: str, most: int = MOST) -> Visible:
    """The beginning of a text. Control characters, and characters that change the writing direction, are
    replaced by symbols.
    """
    return Visible(pieces=tuple(_pieces(text[:most])), length=len(text), cut=max(0, len(text) - most))


def _pieces(text: str) -> Iterator[Piece]:
    for plain, characters in groupby(text, _shows):
        if plain:
            yield Piece(text="".join(characters))
            continue
        for each in characters:
            yield Piece(text=_picture(each), mark=True, name=f"U+{ord(each):04X}")


def _shows(character: str) -> bool:
    return character.isprintable()


def _picture(character: str) -> str:
    number = ord(character)
    if number < ord(" "):
        return chr(_PICTURES + number)
    return "\u2421" if number == _DELETE else f"U+{number:04X}"
