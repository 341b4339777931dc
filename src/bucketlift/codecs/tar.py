"""Extracts the entries of a tar. Names of entries are never used as paths."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.entries import MOST_ENTRIES, Entry, EntryFilter, choose, too_many
from bucketlift.codecs.streams import ASK_TO_RESEND, PIECE
from bucketlift.model.hold import HeldReason

BLOCK = 512
_LONGEST_HEADER = 1 << 20
"""Maximum bytes of the headers before an entry, because they are read into memory."""
_MOST_FOLDERS = 10 * MOST_ENTRIES
"""Maximum number of folders, because tarfile keeps every folder in memory."""
_BEFORE = (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE, tarfile.XGLTYPE, b"X")
_KINDS = {
    tarfile.LNKTYPE: "a link",
    tarfile.SYMTYPE: "a link",
    tarfile.CHRTYPE: "a device",
    tarfile.BLKTYPE: "a device",
    tarfile.FIFOTYPE: "a pipe",
    tarfile.GNUTYPE_SPARSE: "stored with holes (sparse)",
}


class _Header(tarfile.TarInfo):
    """A header of a tar. It refuses headers that would exhaust the memory."""

    def _proc_member(self, opened: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in _BEFORE and self.size > _LONGEST_HEADER:
            raise tarfile.ReadError
        return super()._proc_member(opened)  # type: ignore[misc,no-any-return]  # its source says that it may be overridden


def unpack_tar(
    packed: Path, scratch: Callable[[], Path], entry_filter: EntryFilter, allowance: Allowance
) -> tuple[tuple[Path, ...], tuple[str, ...]]:
    """Write each selected entry to a separate file, in the tar's order. Returns the files, and notes on the
    other entries.

    Raises:
        Refused: the tar is damaged or truncated, does not contain the selected entries, or is too large.
    """
    try:
        with tarfile.open(packed, "r:", tarinfo=_Header) as opened:
            members = _members(opened, allowance)
            _require_end(packed, opened.offset)
            chosen, notes = choose([_entry(member) for member in members], entry_filter, "tar")
            parts, written = [], 0
            for at in chosen:
                parts.append(scratch())
                written = _unpack_member(opened, members[at], parts[-1], written, allowance)
    except (tarfile.TarError, EOFError, ValueError, RecursionError):
        raise Refused(
            HeldReason.COMPRESSION_DAMAGED, "The tar is damaged or cut off", ASK_TO_RESEND
        ) from None
    return tuple(parts), notes


def _members(opened: tarfile.TarFile, allowance: Allowance) -> list[tarfile.TarInfo]:
    found, folders = [], 0
    for member in opened:
        allowance.check(0)
        if member.isdir():
            folders += 1
            if folders > _MOST_FOLDERS:
                raise too_many("tar")
            continue
        found.append(member)
        if len(found) > MOST_ENTRIES:
            raise too_many("tar")
    return found


def _require_end(packed: Path, at: int) -> None:
    """Refuse a tar that does not end with blocks of NULs. tarfile takes a damaged header for the end of the
    tar, without an error.
    """
    with packed.open("rb") as file:
        file.seek(at - at % BLOCK)
        ending = 0
        while piece := file.read(PIECE):
            if piece.strip(b"\0"):
                raise tarfile.ReadError
            ending += len(piece)
    if ending < BLOCK:
        raise tarfile.ReadError


def _entry(member: tarfile.TarInfo) -> Entry:
    sparse = bool(member.sparse) or any(key.startswith("GNU.sparse") for key in member.pax_headers)
    kind = tarfile.GNUTYPE_SPARSE if sparse else member.type
    readable = kind in (tarfile.REGTYPE, tarfile.AREGTYPE, tarfile.CONTTYPE)
    name = member.name.encode("utf-8", "replace").decode("utf-8")
    return Entry(
        name=name, size=member.size, unreadable="" if readable else _KINDS.get(kind, "of an unknown kind")
    )


def _unpack_member(
    opened: tarfile.TarFile, member: tarfile.TarInfo, to: Path, written: int, allowance: Allowance
) -> int:
    begun = written
    source: IO[bytes] | None = opened.extractfile(member)
    if source is None:
        raise tarfile.ReadError
    with source, to.open("wb") as target:
        while piece := source.read(PIECE):
            written += len(piece)
            allowance.check(written)
            target.write(piece)
    if written - begun != member.size:
        raise tarfile.ReadError
    return written
