"""Finds the records of a block that may repeat the header, by comparing the start of their first cell."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

import numpy as np

from bucketlift.tabular.bytes.byte_index import NO_POSITIONS, ByteArray, Flags, Positions
from bucketlift.tabular.bytes.marks import CR, LF, Marks

CHECKED = 16
"""Number of bytes of the name that are compared before a record is checked exactly."""

_BYTES = np.arange(256)
_BEYOND_ASCII: Flags = _BYTES >= 0x80
_BLANKS: Flags = np.array([chr(byte).isspace() for byte in range(256)]) & ~_BEYOND_ASCII


def lookalikes(byte_array: ByteArray, begins: Positions, marks: Marks, names: Collection[str]) -> Positions:
    """The numbers of all records whose first cell equals one of these names, in upper or lower case. Some
    other records may be included.
    """
    if not len(begins):
        return NO_POSITIONS
    quoted = 0 if marks.quote is None else (byte_array[begins] == marks.quote[0]).astype(np.intp)
    first = byte_array[np.minimum(begins + quoted, len(byte_array) - 1)]
    letters = _first_letters(frozenset(names))
    near = np.flatnonzero(letters[first])
    alike = np.zeros(len(near), np.bool_)
    for name in names if len(near) else ():
        alike[_like(byte_array, begins[near], marks, name)] = True
    return near[alike]


@lru_cache(maxsize=16)
def _first_letters(names: frozenset[str]) -> Flags:
    """The bytes with which a cell that equals one of these names can start."""
    letters = {name[:1] for name in names}
    if not all(letter.isascii() and letter for letter in letters):
        return np.ones(256, np.bool_)
    folded: Flags = np.array([chr(byte).casefold() in letters for byte in range(256)])
    return folded | _BEYOND_ASCII | _BLANKS


def _like(byte_array: ByteArray, begins: Positions, marks: Marks, name: str) -> Positions:
    """The numbers of the records whose first cell equals this name, in any order. Some other records may be
    included.

    Only ASCII letters are compared, because another letter can have two letters, or an ASCII letter, as its
    other case.
    """
    last = len(byte_array) - 1
    left = np.arange(len(begins))
    at = begins if marks.quote is None else begins + (byte_array[begins] == marks.quote[0])
    found = []
    for step, accepted in enumerate(_accepted_bytes(name, marks.delimiter, marks.quote or b"")):
        there = byte_array[np.minimum(at + step, last)]
        sure = _BEYOND_ASCII if step else _BEYOND_ASCII | _BLANKS
        found.append(left[sure[there]])
        on = accepted[there]
        left, at = left[on], at[on]
    return np.concatenate([*found, left])


@lru_cache(maxsize=16)
def _accepted_bytes(name: str, delimiter: bytes, quote: bytes) -> tuple[Flags, ...]:
    """For each byte of the cell, the ASCII bytes that match the name."""
    accepted = list[Flags]()
    for letter in name[:CHECKED]:
        if not letter.isascii() or letter.encode() == quote:
            return tuple(accepted)
        accepted.append(np.array([byte < 0x80 and chr(byte).casefold() == letter for byte in range(256)]))
    if len(name) < CHECKED:
        accepted.append(_BLANKS | np.isin(_BYTES, list(delimiter + quote + CR + LF)))
    return tuple(accepted)
