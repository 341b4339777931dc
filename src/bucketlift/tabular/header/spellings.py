"""Compares names that look the same to people but are different texts."""

from __future__ import annotations

import unicodedata

from bucketlift.tabular.header.header import fold


def appearance(name: str) -> str:
    """The name as people see it: in lower case, with normalised characters and blanks, without zero-width
    characters.
    """
    whole = unicodedata.normalize("NFKC", fold(name))
    return "".join(char for char in whole if unicodedata.category(char) != "Cf").strip()


def difference(one: str, other: str) -> str:
    """The difference between two names that look the same, for a message: ``U+200B in place of nothing``."""
    begin, shortest = 0, min(len(one), len(other))
    while begin < shortest and one[begin] == other[begin]:
        begin += 1
    end = 0
    while end < shortest - begin and one[-1 - end] == other[-1 - end]:
        end += 1
    return f"{_points(other[begin : len(other) - end])} in place of {_points(one[begin : len(one) - end])}"


def _points(part: str) -> str:
    """The code points of the characters. Only a few are named, because a name may be long."""
    more = " ..." if len(part) > 4 else ""
    return " ".join(f"U+{ord(char):04X}" for char in part[:4]) + more or "nothing"
