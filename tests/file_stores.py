"""Folders and SFTP servers for the contract of object stores, with a hand that goes around the store."""

from __future__ import annotations

import itertools
import os
import secrets
from pathlib import Path
from typing import Any

_AGES = itertools.count(start=1)


class FolderHand:
    """Puts files as a careful program does: under another name first. Each new file is one second newer."""

    def __init__(self, top: Path, *, shows_inodes: bool = True) -> None:
        self.top = top
        self._shows_inodes = shows_inodes

    def put(self, bucket: str, key: str, body: bytes, **_: Any) -> str:
        """Put a file, and return the ETag that a store must show for it."""
        path = self.top / bucket / key
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.parent / f".{secrets.token_hex(4)}.part"
        part.write_bytes(body)
        seconds = 1_700_000_000 + next(_AGES)
        os.utime(part, (seconds, seconds))
        part.replace(path)
        found = path.stat()
        return f"{found.st_mtime_ns}-{found.st_ino}" if self._shows_inodes else str(int(found.st_mtime))

    def objects(self, bucket: str) -> dict[str, bytes]:
        """Every file of a bucket, in key order; hidden ones of Bucketlift too."""
        top = self.top / bucket
        found = {str(path.relative_to(top)): path for path in top.rglob("*") if path.is_file()}
        return {key: found[key].read_bytes() for key in sorted(found, key=os.fsencode)}
