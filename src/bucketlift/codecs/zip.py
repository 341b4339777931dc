"""Extracts the entries of a zip. Names of entries are never used as paths."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from lzma import LZMAError
from pathlib import Path
from typing import IO

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.entries import MOST_ENTRIES, Entry, EntryFilter, choose, too_many
from bucketlift.codecs.streams import ASK_TO_RESEND, PIECE
from bucketlift.codecs.zip_directory import require_no_gap, require_whole
from bucketlift.model.hold import HeldReason

_DAMAGED = (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError, NotImplementedError)
"""What zipfile raises for a damaged entry. It raises NotImplementedError for an unknown compression method."""
_ENCRYPTED = 0x1
_PLAIN_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_DEFLATE64 = 9
_UNIX = 3
_DOCUMENTS = {
    "xl/workbook.xml": "an Excel workbook",
    "xl/workbook.bin": "an Excel workbook",
    "word/document.xml": "a Word document",
    "[Content_Types].xml": "an Excel workbook",
    "META-INF/manifest.xml": "an OpenDocument file",
}
"""Entries by which we recognize documents that programs save as zips."""


def unpack_zip(
    packed: Path, scratch: Callable[[], Path], entry_filter: EntryFilter, allowance: Allowance
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write each selected entry to a separate file, in the zip's order. Returns the files, and notes on the
    other entries.

    Raises:
        Refused: the zip is damaged or encrypted, does not contain the selected entries, or is too large.
    """
    try:
        require_whole(packed)
        with zipfile.ZipFile(packed) as opened:
            require_no_gap(opened, packed)
            chosen, notes = _chosen(opened, entry_filter)
            parts, written = [], 0
            for entry in chosen:
                parts.append(scratch())
                written = _unpack_entry(opened, entry, parts[-1], written, allowance)
    except _DAMAGED:
        raise Refused(
            HeldReason.COMPRESSION_DAMAGED, "The zip is damaged or cut off", ASK_TO_RESEND
        ) from None
    return tuple(parts), notes


def _chosen(
    opened: zipfile.ZipFile, entry_filter: EntryFilter
) -> tuple[list[zipfile.ZipInfo], tuple[str, ...]]:
    files = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(files) > MOST_ENTRIES:
        raise too_many("zip")
    _require_no_document({entry.filename for entry in files})
    positions, notes = choose([_entry(entry) for entry in files], entry_filter, "zip")
    chosen = [files[at] for at in positions]
    if any(entry.flag_bits & _ENCRYPTED for entry in chosen):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip is encrypted with a password",
            "Ask the sender for a zip without a password, or for a file encrypted with PGP for one of your keys.",
        )
    for entry in chosen:
        _require_known_method(entry.compress_type)
    return chosen, notes


def _require_no_document(names: set[str]) -> None:
    for mark, kind in _DOCUMENTS.items():
        if mark in names:
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"The file is {kind}, not CSV or TSV",
                "Ask the sender to save the file as 'CSV UTF-8'.",
            )


def _require_known_method(method: int) -> None:
    if method == _DEFLATE64:
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip is compressed with Deflate64, which Bucketlift cannot read",
            "Windows Explorer uses Deflate64 for files over 2 GB. Ask the sender for gzip, for a zip made with the program 7-Zip "
            "(method Deflate), or for a zip of files under 2 GB.",
        )
    if method not in _PLAIN_KINDS:
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            f"The zip uses a compression method that Bucketlift cannot read (method {method})",
            "Ask the sender for a zip with the method Deflate, which every tool supports.",
        )


def _entry(entry: zipfile.ZipInfo) -> Entry:
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    unreadable = "" if kind in (0, stat.S_IFREG) else "a link" if kind == stat.S_IFLNK else "a device"
    return Entry(name=entry.filename, size=entry.file_size, unreadable=unreadable)


def _unpack_entry(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, written: int, allowance: Allowance
) -> int:
    """Write an entry to a file. Returns ``written`` plus the number of bytes of the entry. The checksum and
    the length in the zip are verified at its end.
    """
    begun = written
    with opened.open(entry) as source, to.open("wb") as target:
        while piece := _read(source):
            written += len(piece)
            allowance.check(written)
            target.write(piece)
    if written - begun != entry.file_size:
        raise zipfile.BadZipFile
    return written


def _read(source: IO[bytes]) -> bytes:
    try:
        return source.read(PIECE)
    except OSError as error:
        if error.errno is not None:
            raise  # from the disk
        raise zipfile.BadZipFile from None  # bz2 reports damage like this
