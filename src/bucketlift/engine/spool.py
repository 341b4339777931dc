"""A process's local copies: a cache whose loss costs time only."""

from __future__ import annotations

import hashlib
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from bucketlift.errors import StoreUnavailable
from bucketlift.model.claim import ClaimId

CHUNK = 1 << 20
QUOTA = 50 << 30
"""Bytes of staged files to keep; the oldest go first, and are made again from the source where needed."""


class Spool:
    """One process's folder, whose file names are ids of ours, never keys."""

    def __init__(self, folder: Path, *, quota: int = QUOTA) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._quota = quota

    def staged(self, claim: ClaimId) -> Path:
        return self._folder / f"{claim}.arrow"

    def rejects(self, claim: ClaimId) -> Path:
        return self._folder / f"{claim}.rejects"

    def scratch(self) -> Path:
        """A name for a file in the making."""
        self._folder.mkdir(parents=True, exist_ok=True)
        return self._folder / f"{secrets.token_hex(8)}.part"

    def drop(self, claim: ClaimId) -> None:
        self.staged(claim).unlink(missing_ok=True)
        self.rejects(claim).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all of it, when its process ends."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def clear_dead(self, gone: Callable[[str], bool]) -> None:
        """Remove the spools beside this one whose processes are gone; a spool bears its process's name."""
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


def unheard(got: int) -> None:
    """For bytes that nobody counts."""


def fetch(
    body: BinaryIO,
    to: Path,
    *,
    size: int,
    heed: Callable[[], None],
    tell: Callable[[int], None] = unheard,
) -> str:
    """Copy a body to a file; its SHA-256 (64 hex digits).

    ``heed`` is asked between two chunks, ``tell`` is told how many bytes are there.

    Raises:
        StoreUnavailable: the body has not the size that the listing told.
    """
    digest, got = hashlib.sha256(), 0
    with to.open("wb") as file:
        while chunk := body.read(CHUNK):
            heed()
            file.write(chunk)
            digest.update(chunk)
            got += len(chunk)
            tell(got)
    if got != size:
        raise StoreUnavailable(f"The body has {got:,} bytes where the listing says {size:,}")
    return digest.hexdigest()
