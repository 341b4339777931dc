"""Detects from a file's first bytes how the file is packed."""

from __future__ import annotations

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.streams import MAGIC
from bucketlift.model.hold import HeldReason
from bucketlift.model.packing import Compression
from bucketlift.tabular.decode.magic_bytes import is_tar

HEAD = 512
"""Number of bytes at the start of a file that are needed for detection: the size of a tar header."""

_BEGINNINGS: tuple[tuple[bytes, Compression], ...] = (
    # The first three are never valid UTF-8: 8b, fd and b5 cannot start a character.
    (MAGIC[Compression.GZIP], Compression.GZIP),
    (MAGIC[Compression.XZ], Compression.XZ),
    (MAGIC[Compression.ZSTD], Compression.ZSTD),
    # A skippable frame (RFC 8878, section 3.1.2), as pzstd writes. LZ4 shares it, but rarely starts with one.
    *((bytes((low,)) + b"\x2a\x4d\x18", Compression.ZSTD) for low in range(0x50, 0x60)),
    # An empty zip, one with entries, and one split into volumes. All contain control characters.
    (b"PK\x03\x04", Compression.ZIP),
    (b"PK\x05\x06", Compression.ZIP),
    (b"PK\x07\x08", Compression.ZIP),
)
_BZIP2_BLOCKS = (b"1AY&SY", b"\x17rE8P\x90")
"""The bytes that follow the start of a bzip2 file: its first block, or its end if it is empty.
A header row may look like a first block; a task with `compression: none` can read it.
"""
_UNREADABLE = (
    (b"7z\xbc\xaf\x27\x1c", "7-Zip"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\x04\x22\x4d\x18", "LZ4"),
    (b"\x1f\x9d", "compress (.Z)"),
    (b"\x1f\xa0", "compress (.Z)"),
    (b"LZIP\x01", "lzip"),
    (b"\xff\x06\x00\x00sNaPpY", "Snappy"),
)


def kind_of(head: bytes, kind_setting: Compression) -> Compression:
    """How to unpack a file that starts with these bytes.

    Raises:
        Refused: the file's packing is unsupported, or differs from the task's setting.
    """
    if kind_setting is Compression.NONE:
        return kind_setting
    found = _kind_by_head(head)
    if kind_setting not in (Compression.AUTO, found):
        what = "not compressed" if found is Compression.NONE else found.value
        what = "a tar that is not compressed" if is_tar(head) else what
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            f"The task sets compression {kind_setting.value}, but the file is {what}",
            "Set `compression: auto`, or ask the sender.",
        )
    return found


def _kind_by_head(head: bytes) -> Compression:
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning):
            return kind
    if head[:3] == b"BZh" and head[3:4].isdigit() and head[4:10] in _BZIP2_BLOCKS:
        return Compression.BZIP2
    for beginning, name in _UNREADABLE:
        if head.startswith(beginning):
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"The file is packed with {name}, which Bucketlift cannot read",
                "Ask the sender for gzip, bzip2, xz, zstd, zip or tar.",
            )
    return Compression.NONE
