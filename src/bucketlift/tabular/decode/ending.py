"""Finds control characters at the end of a file that are not part of a record: Ctrl-Z of DOS, a last form
feed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.bytes.mapped import Bytes
from bucketlift.tabular.bytes.marks import CR, MASKED
from bucketlift.tabular.decode.escapes import lines_in

LONGEST = 1 << 16
"""Number of bytes at the end of the file that are checked."""
_TAIL = re.compile(rb"(?:(?<=\n)[\x00\x0c\x1a][\x00\x0c\x1a\r\n]*|[\x00\x0c\x1a]+)\Z")
"""Matches control characters on separate lines, or after a last record without a line end."""
_CONTROLS = re.compile(rb"[\x0c\x1a]")
_PIECE = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """Where the records of a file end, and the bytes after them."""

    start: int
    """The offset after the last record."""
    tail: bytes

    def reject(self, data: Bytes) -> Reject:
        """Return one reject that contains only the bytes after the last record."""
        line = 1 + sum(map(lines_in, _pieces(data, self.start)))
        return Reject(line=line, offset=self.start, raw=self.tail, reason=RejectReason.TRAILING_CONTROLS)


def _pieces(data: Bytes, stop: int) -> Iterator[bytes]:
    """Yield the data up to an offset, in pieces that never split a replacement code of two bytes."""
    at = 0
    while at < stop:
        end = min(at + _PIECE, stop)
        end += data[end - 1 : end] in (CR, MASKED) and end < stop
        yield data[at:end]
        at = end


def find_ending(data: Bytes, below: int) -> Ending | None:
    """The bytes after a file's last record, if they contain a Ctrl-Z or a form feed. ``below`` is the offset
    after the header.

    NULs next to these characters are included. If there are only NULs, they are padding and ignored here.
    """
    begin = max(below, len(data) - LONGEST)
    found = _TAIL.search(data[begin:])
    if found is None or not _CONTROLS.search(found[0]):
        return None
    return Ending(start=begin + found.start(), tail=found[0])
