"""Plain bytes from the entries of a zip. Their names are never used as paths."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable
from lzma import LZMAError
from pathlib import Path
from typing import IO

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.streams import ANEW, PIECE
from bucketlift.codecs.zip_directory import require_no_gap, require_whole
from bucketlift.model.contract import HeldReason
from bucketlift.model.packing import ZipEntries

MOST_ENTRIES = 10_000
_ENCRYPTED = 0x1
_PLAIN_KINDS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
_WORKBOOK = "[Content_Types].xml"


def unpack_zip(
    packed: Path, scratch: Callable[[], Path], entries: ZipEntries, allowance: Allowance
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write each entry's bytes to a file of its own, in the zip's order; the files, and what was left out.

    Raises:
        Refused: the zip is damaged, locked, holds other than the wanted entries, or comes to too much.
    """
    try:
        require_whole(packed)
        with zipfile.ZipFile(packed) as opened:
            require_no_gap(opened, packed)
            chosen = _chosen(opened, entries)
            parts, written = [], 0
            for entry in chosen:
                parts.append(scratch())
                written = _unpack_entry(opened, entry, parts[-1], written, allowance)
            left_out = len(_files(opened)) - len(chosen)
    except (zipfile.BadZipFile, zlib.error, LZMAError, EOFError, ValueError, NotImplementedError):
        raise Refused(HeldReason.COMPRESSION_DAMAGED, "The zip is damaged or cut off", ANEW) from None
    notes = (f"{left_out} entries of macOS's own were left out of the zip",) if left_out else ()
    return tuple(parts), notes


def _files(opened: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    return [entry for entry in opened.infolist() if not entry.is_dir()]


def _chosen(opened: zipfile.ZipFile, wanted: ZipEntries) -> list[zipfile.ZipInfo]:
    entries = [entry for entry in _files(opened) if not _of_macos(entry.filename)]
    if any(entry.filename == _WORKBOOK for entry in entries):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The file is an Excel workbook, not CSV or TSV",
            "Ask the sender to save it as 'CSV UTF-8'.",
        )
    if not entries or len(entries) > (1 if wanted is ZipEntries.ONE else MOST_ENTRIES):
        raise Refused(
            HeldReason.ZIP_ENTRIES,
            f"The zip holds {len(entries):,} files",
            "Send one file per zip; or set `zip: all`, where every entry is a file of this contract."
            if entries
            else "Ask the sender for the file anew.",
        )
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip is locked with a password",
            "Ask the sender for one without, or encrypted with PGP for a key of yours.",
        )
    if any(entry.compress_type not in _PLAIN_KINDS for entry in entries):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The zip uses a way of compressing that cannot be read here",
            "Ask the sender for a zip made with Deflate, which every tool can make.",
        )
    return entries


def _of_macos(name: str) -> bool:
    """What the archive tool of macOS adds beside each file."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] == ".DS_Store"


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
