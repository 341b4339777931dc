"""Plain bytes from the entries of a zip. Their names are never used as paths."""

from __future__ import annotations

import stat
import zipfile
import zlib
from collections.abc import Callable
from lzma import LZMAError
from pathlib import Path
from typing import IO

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.entries import MOST_ENTRIES, Entry, Wanted, choose, too_many
from bucketlift.codecs.streams import ANEW, PIECE
from bucketlift.codecs.zip_directory import require_no_gap, require_whole
from bucketlift.model.contract import HeldReason

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
"""What is in the zips that programs save their documents as."""


def unpack_zip(
    packed: Path, scratch: Callable[[], Path], wanted: Wanted, allowance: Allowance
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write each entry's bytes to a file of its own, in the zip's order; the files, and what was left out.

    Raises:
        Refused: the zip is damaged, locked, holds other than the wanted entries, or comes to too much.
    """
    try:
        require_whole(packed)
        with zipfile.ZipFile(packed) as opened:
            require_no_gap(opened, packed)
            chosen, notes = _chosen(opened, wanted)
            parts, written = [], 0
            for entry in chosen:
                parts.append(scratch())
                written = _unpack_entry(opened, entry, parts[-1], written, allowance)
    except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError, NotImplementedError):
        raise Refused(HeldReason.COMPRESSION_DAMAGED, "The zip is damaged or cut off", ANEW) from None
    return tuple(parts), notes


def _chosen(opened: zipfile.ZipFile, wanted: Wanted) -> tuple[list[zipfile.ZipInfo], tuple[str, ...]]:
    files = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(files) > MOST_ENTRIES:
        raise too_many("zip")
    _require_no_document({entry.filename for entry in files})
    positions, notes = choose([_entry(entry) for entry in files], wanted, "zip")
    chosen = [files[at] for at in positions]
    if any(entry.flag_bits & _ENCRYPTED for entry in chosen):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip is locked with a password",
            "Ask the sender for one without, or encrypted with PGP for a key of yours.",
        )
    for entry in chosen:
        _require_known_way(entry.compress_type)
    return chosen, notes


def _require_no_document(names: set[str]) -> None:
    for mark, kind in _DOCUMENTS.items():
        if mark in names:
            raise Refused(
                HeldReason.COMPRESSION_REFUSED,
                f"The file is {kind}, not CSV or TSV",
                "Ask the sender to save it as 'CSV UTF-8'.",
            )


def _require_known_way(way: int) -> None:
    if way == _DEFLATE64:
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip is compressed with Deflate64, which cannot be read here",
            "Windows Explorer makes it of files over 2 GB. Ask the sender for gzip, for a zip made with the program 7-Zip "
            "(method Deflate), or for a zip of files under 2 GB.",
        )
    if way not in _PLAIN_KINDS:
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            f"The zip uses a way of compressing that cannot be read here (method {way})",
            "Ask the sender for a zip made with Deflate, which every tool can make.",
        )


def _entry(entry: zipfile.ZipInfo) -> Entry:
    kind = stat.S_IFMT(entry.external_attr >> 16) if entry.create_system == _UNIX else 0
    unreadable = "" if kind in (0, stat.S_IFREG) else "a link" if kind == stat.S_IFLNK else "a device"
    return Entry(name=entry.filename, size=entry.file_size, unreadable=unreadable)


def _unpack_entry(
    opened: zipfile.ZipFile, entry: zipfile.ZipInfo, to: Path, written: int, allowance: Allowance
) -> int:
    """The check sum is compared at the entry's end, and so is the length that the zip tells."""
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
            raise  # of the disk
        raise zipfile.BadZipFile from None  # bz2 tells damage so
