"""Checks whether one key can match several shell patterns at the same time."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import combinations, product, takewhile

_MOST_STATES = 50_000
"""The maximum number of states that are compared. Patterns with more states count as overlapping: this
refuses too much, never too little.
"""
_UNMENTIONED = "\ue000"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One step of a shell pattern, which matches one character or any number of characters."""

    one: str
    """A shell pattern for one character."""
    many: bool = False
    """Whether the step matches any number of such characters."""
    slash: bool = True
    """Whether the step may match a slash. In a pattern for base names, no step matches a slash."""

    def takes(self, character: str) -> bool:
        return (self.slash or character != "/") and fnmatchcase(character, self.one)


Pieces = tuple[Piece, ...]
Language = tuple[tuple[Pieces, ...], ...]
"""A set of keys: the union of its members. Each member is the set of keys that match all of its patterns."""

ANYTHING: Pieces = (Piece(one="?", many=True),)


def plain(text: str) -> Pieces:
    return tuple(Piece(one=glob.escape(character)) for character in text)


def names(pattern: str | None) -> Pieces:
    """The steps that match base names in the same way as a shell pattern, with the rules of ``fnmatch``."""
    return tuple(_names("*" if pattern is None else pattern))


def _names(pattern: str) -> Iterator[Piece]:
    position = 0
    while position < len(pattern):
        one = _element(pattern, position)
        position += len(one)
        many = one == "*"
        yield Piece(one="?" if many else glob.escape(one) if one == "[" else one, many=many, slash=False)


def _element(pattern: str, position: int) -> str:
    """The character or bracket expression at a position. An opening bracket without a closing one is a plain
    character.
    """
    if pattern[position] != "[":
        return pattern[position]
    inside = position + 1
    inside += pattern[inside : inside + 1] == "!"
    inside += pattern[inside : inside + 1] == "]"
    end = pattern.find("]", inside)
    return pattern[position : end + 1] if end >= 0 else "["


def overlaps(first: Language, second: Language) -> bool:
    """Whether a key belongs to both sets."""
    return any(_share_a_key(left + right) for left, right in product(first, second))


def _share_a_key(patterns: tuple[Pieces, ...]) -> bool:
    """Whether one key matches all patterns.

    The patterns are compared character by character, and each star is tried with every length.
    """
    if _start_differently(patterns):
        return False
    start = (0,) * len(patterns)
    seen, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        if all(position == len(pieces) for position, pieces in zip(state, patterns, strict=True)):
            return True
        new = [step for step in _steps(state, patterns) if step not in seen]
        seen.update(new)
        waiting.extend(new)
        if len(seen) > _MOST_STATES:
            return True
    return False


def _start_differently(patterns: tuple[Pieces, ...]) -> bool:
    """Whether two of the patterns start with different literals.

    This is true for the prefixes of most workflows, and can be checked a thousand times faster than the
    patterns.
    """
    begins = ["".join(takewhile(bool, map(_word, pieces))) for pieces in patterns]
    return any(not one.startswith(two) and not two.startswith(one) for one, two in combinations(begins, 2))


def _word(piece: Piece) -> str:
    """The only character that a step matches; empty if the step matches several characters."""
    if piece.many or piece.one == "?":
        return ""
    return piece.one if len(piece.one) == 1 else piece.one[1] if len(piece.one) == 3 else ""


def _steps(state: tuple[int, ...], patterns: tuple[Pieces, ...]) -> Iterator[tuple[int, ...]]:
    pieces = [
        pattern[position] if position < len(pattern) else None
        for position, pattern in zip(state, patterns, strict=True)
    ]
    for index, piece in enumerate(pieces):
        if piece is not None and piece.many:
            yield (*state[:index], state[index] + 1, *state[index + 1 :])
    here = [piece for piece in pieces if piece is not None]
    if len(here) == len(pieces) and _common_character(here):
        yield tuple(position + (not piece.many) for position, piece in zip(state, here, strict=True))


def _common_character(pieces: Iterable[Piece]) -> bool:
    pieces = list(pieces)
    mentioned = {character for piece in pieces for character in piece.one}
    # The neighbours represent the characters inside a range, or outside a negated range.
    beside = {chr(ord(character) + step) for character in mentioned for step in (-1, 1) if ord(character) > 0}
    candidates = mentioned | beside | {_UNMENTIONED}
    return any(all(piece.takes(character) for piece in pieces) for character in candidates)
