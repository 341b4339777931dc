"""Text of somebody's file, shown so that nothing of it is hidden, and nothing of it does anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

MOST = 400
"""Characters shown of a text."""
_DELETE = 0x7F
_PICTURES = 0x2400
"""Unicode has a picture of each of the first 32 control characters from here on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some of a text; ``mark``: it stands for a character that would not show, which ``name`` says."""

    text: str
    mark: bool = False
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visible:
    pieces: tuple[Piece, ...]
    length: int
    """Of the whole text."""
    cut: int
    """Characters that are not shown."""


def visible(text: str, most: int = MOST) -> Visible:
    """The beginning of a text; control characters, and those that turn the direction of writing, are drawn."""
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
