"""Checks which quotes of a block are at a legal position. Quotes are counted from the start of any record."""

from __future__ import annotations

import numpy as np

from bucketlift.tabular.bytes.byte_index import NO_POSITIONS, ByteArray, Flags, Positions, positions_of
from bucketlift.tabular.bytes.marks import BOM, CR, LF, Marks


class Quotes:
    """The quotes of a block, and which of them are legal.

    From the start of a record, opening and closing quotes alternate. An opening quote is legal after a
    delimiter, after a record's end, or after a quote (as the second of two). A closing quote is legal before
    a delimiter, a record's end or a quote. In a record whose quotes are all legal, a line end is outside of
    cells if the number of quotes before it is even. In another record, the exact reader stops at the first
    illegal quote.
    """

    def __init__(self, byte_array: ByteArray, marks: Marks, positions: Positions) -> None:
        self.positions = positions
        self._opens = _opening(byte_array, marks, positions)
        self._closes = _closing(byte_array, marks, positions)
        self._broken: dict[int, Positions] = {}

    @staticmethod
    def of(raw: bytes, byte_array: ByteArray, marks: Marks) -> Quotes:
        none = marks.quote is None or marks.quote not in raw
        return Quotes(
            byte_array, marks, NO_POSITIONS if none else positions_of(byte_array, marks.quote or b"")
        )

    def first_broken(self, begin: int) -> int:
        """The number of the first illegal quote from this opening quote on; the number of all quotes if there
        is none.
        """
        broken = self._broken_of(begin % 2)
        found = int(np.searchsorted(broken, begin))
        return int(broken[found]) if found < len(broken) else len(self.positions)

    def first_broken_each(self, begins: Positions, odd: int) -> Positions:
        """Find the first illegal quote like ``first_broken``, for many quotes whose numbers are all odd or
        all even.
        """
        broken = np.append(self._broken_of(odd), len(self.positions))
        found: Positions = broken[np.searchsorted(broken[:-1], begins)]
        return found

    def _broken_of(self, odd: int) -> Positions:
        if odd not in self._broken:
            self._broken[odd] = self._find_broken(odd)
        return self._broken[odd]

    def _find_broken(self, odd: int) -> Positions:
        legal = self._closes.copy()
        legal[odd::2] = self._opens[odd::2]
        return np.flatnonzero(~legal)


def _opening(byte_array: ByteArray, marks: Marks, positions: Positions) -> Flags:
    before = byte_array[positions - 1]
    legal: Flags = (before == marks.delimiter[0]) | (before == LF[0]) | (positions == 0)
    legal |= before == (marks.quote or LF)[0]
    return legal | _after_boms(byte_array, positions, before)


def _after_boms(byte_array: ByteArray, positions: Positions, before: ByteArray) -> Flags:
    """For each quote, whether it starts a record and follows a byte order mark."""
    found: Flags = before == BOM[2]
    for number in np.flatnonzero(found).tolist():
        # A file's first mark is not part of a block, so each mark that is left out follows a line end.
        place = int(positions[number])
        raw = byte_array[max(0, place - 64) : place].tobytes()
        bare = raw
        while bare.endswith(BOM):
            bare = bare[: -len(BOM)]
        found[number] = len(bare) < len(raw) and (not bare or bare.endswith(LF))
    return found


def _closing(byte_array: ByteArray, marks: Marks, positions: Positions) -> Flags:
    """For each quote, whether it is legal as a closing quote. A quote at the last byte of the block counts as
    legal: the next byte is not known, so the next block checks it again.
    """
    last = len(byte_array) - 1
    after, second = byte_array[np.minimum(positions + 1, last)], byte_array[np.minimum(positions + 2, last)]
    legal: Flags = (after == marks.delimiter[0]) | (after == LF[0]) | (positions == last)
    legal |= after == (marks.quote or LF)[0]
    legal |= (after == CR[0]) & ((second == LF[0]) | (positions + 2 > last))
    return legal
