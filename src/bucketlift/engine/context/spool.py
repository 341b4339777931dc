"""The local copies that a process has of objects: a cache that can be filled again from the store."""

from __future__ import annotations

import hashlib
import os
import secrets
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from bucketlift.errors import StoreUnavailable
from bucketlift.model.claim import ClaimId
from bucketlift.model.rows import RowStream
from bucketlift.tabular.arrow.staging import arrow_file, open_rows

if TYPE_CHECKING:
    from pyarrow import RecordBatch

CHUNK = 1 << 20
QUOTA = 50 << 30
"""Maximum bytes of staged files.

If there are more, the oldest files are removed, and are read again from the store when they are needed.
"""
IN_MEMORY = 32 << 20
"""Maximum bytes of staged rows of small files in memory."""


class Spool:
    """The folder for the local copies of one process.

    File names contain Bucketlift's IDs, never keys. Rows of small files stay in memory.
    """

    def __init__(self, folder: Path, *, quota: int = QUOTA, in_memory: int = IN_MEMORY) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._quota = quota
        self._room = in_memory
        self._kept: dict[ClaimId, tuple[RecordBatch, int]] = {}
        self._lock = threading.Lock()

    def staged(self, claim: ClaimId) -> Path:
        return self._folder / f"{claim}.arrow"

    def rejects(self, claim: ClaimId) -> Path:
        return self._folder / f"{claim}.rejects"

    def scratch(self) -> Path:
        """A path for a new temporary file."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}.part"

    def keep(self, claim: ClaimId, rows: RecordBatch) -> None:
        """Stage the rows of a small file.

        The rows are kept in memory if there is enough space, otherwise in a file.
        """
        self.drop(claim)
        size = rows.nbytes
        with self._lock:
            if fits := size <= self._room:
                self._room -= size
                self._kept[claim] = rows, size
        if not fits:
            with arrow_file(self.staged(claim), rows.schema) as file:
                file.write_batch(rows)

    def has(self, claim: ClaimId) -> bool:
        """Whether the rows of a file are staged."""
        return claim in self._kept or self.staged(claim).exists()

    @contextmanager
    def rows(self, claim: ClaimId) -> Iterator[RowStream]:
        """Open the staged rows of a file. Each call starts at the first row."""
        kept = self._kept.get(claim)
        if kept is not None:
            yield RowStream(schema=kept[0].schema, batches=iter((kept[0],)))
            return
        with open_rows(self.staged(claim)) as rows:
            yield rows

    def drop(self, claim: ClaimId) -> None:
        with self._lock:
            kept = self._kept.pop(claim, None)
            if kept is not None:
                self._room += kept[1]
                return
        # Strings, not paths: this runs for each of very many small files.
        for kind in ("arrow", "rejects"):
            with suppress(FileNotFoundError):
                os.unlink(f"{self._folder}/{claim}.{kind}")  # noqa: PTH108 - see above

    def clear(self) -> None:
        """Remove the whole folder. Call this when the process ends."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def clear_dead(self, gone: Callable[[str], bool]) -> None:
        """Remove the spools of processes that have ended. The name of a spool is the name of its process."""
        for other in self._folder.parent.iterdir():
            if gone(other.name):
                shutil.rmtree(other, ignore_errors=True)

    def trim(self) -> None:
        kept = 0
        newest_first = sorted(
            ((path.stat(), path) for path in self._folder.glob("*.arrow")),
            key=lambda pair: pair[0].st_mtime,
            reverse=True,
        )
        for stat, path in newest_first:
            kept += stat.st_size
            if kept > self._quota:
                path.unlink(missing_ok=True)


def no_progress(got: int) -> None:
    """Ignore the progress: the default of ``on_bytes``."""


def fetch(
    body: BinaryIO,
    to: Path,
    *,
    size: int,
    check_cancelled: Callable[[], None],
    on_bytes: Callable[[int], None] = no_progress,
) -> str:
    """Copy a body to a file. Returns its SHA-256 (64 hex digits).

    ``check_cancelled`` is called between two chunks, ``on_bytes`` with the number of bytes so far.

    Raises:
        StoreUnavailable: the body's size differs from the size in the listing.
    """
    digest, got = hashlib.sha256(), 0
    with to.open("wb") as file:
        while chunk := body.read(CHUNK):
            check_cancelled()
            file.write(chunk)
            digest.update(chunk)
            got += len(chunk)
            on_bytes(got)
    _require(got, size)
    return digest.hexdigest()


def whole(body: BinaryIO, size: int) -> bytes:
    """Read the whole body of a small object.

    Raises:
        StoreUnavailable: the body's size differs from the size in the listing.
    """
    found = body.read(size + 1)
    _require(len(found), size)
    return found


def _require(got: int, size: int) -> None:
    if got != size:
        raise StoreUnavailable(f"The body has {got:,} bytes, but the listing reports {size:,}")
