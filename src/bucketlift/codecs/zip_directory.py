"""Checks a zip's central directory, so that no part of the zip is left out unnoticed."""

from __future__ import annotations

import struct
import zipfile
from itertools import pairwise
from pathlib import Path

MOST_BYTES = 16 << 20
"""Maximum bytes of the central directory, which is read into memory."""

# APPNOTE.TXT of PKWARE, sections 4.3.7, 4.3.9, and 4.3.14 to 4.3.16
_END = struct.Struct("<4s4H2LH")
_END_MARK = b"PK\x05\x06"
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MARK = b"PK\x06\x07"
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCAL = struct.Struct("<4s5H3L2H")
_LONGEST_COMMENT = 1 << 16
_LONGEST_DESCRIPTOR = 24
"""Maximum bytes of the data descriptor (sizes and checksum) that may follow an entry's data."""


def require_whole(packed: Path) -> None:
    """Refuse a zip that does not end with its central directory, or whose directory would exhaust the memory.

    Raises:
        zipfile.BadZipFile: the zip is refused.
    """
    with packed.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _LONGEST_COMMENT - _END.size - _LOCATOR.size - _END_64.size))
        tail = file.read()
    at = tail.rfind(_END_MARK)
    if at < 0 or len(tail) - at < _END.size:
        raise zipfile.BadZipFile
    *_, length, _, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment != len(tail) or max(length, _wide_length(tail[:at])) > MOST_BYTES:
        raise zipfile.BadZipFile


def _wide_length(before: bytes) -> int:
    """The length of the central directory if it is stored in 64 bits; otherwise 0."""
    if not before[-_LOCATOR.size :].startswith(_LOCATOR_MARK):
        return 0
    record = before[-_LOCATOR.size - _END_64.size : -_LOCATOR.size]
    return int(_END_64.unpack(record)[8]) if len(record) == _END_64.size else MOST_BYTES + 1


def require_no_gap(opened: zipfile.ZipFile, packed: Path) -> None:
    """Refuse a zip with bytes that belong to no entry or to two entries, such as two zips in one file.

    Raises:
        zipfile.BadZipFile: the zip is refused.
    """
    entries = sorted(opened.infolist(), key=lambda entry: entry.header_offset)
    begins = [entry.header_offset for entry in entries] + [opened.start_dir]
    if begins[0] != 0:
        raise zipfile.BadZipFile
    with packed.open("rb") as file:
        for entry, (begin, following) in zip(entries, pairwise(begins), strict=True):
            file.seek(begin)
            header = file.read(_LOCAL.size)
            if len(header) < _LOCAL.size:
                raise zipfile.BadZipFile
            *_, name, extra = _LOCAL.unpack(header)
            gap = following - (begin + _LOCAL.size + name + extra + entry.compress_size)
            if not 0 <= gap <= _LONGEST_DESCRIPTOR:
                raise zipfile.BadZipFile
