"""The core's interface to read encrypted and compressed objects."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bucketlift.model.hold import Hold
from bucketlift.model.packing import Unpacked
from bucketlift.model.workflow import ExtractTask


class Codecs(Protocol):
    """Decrypts and decompresses objects. Several threads may use it at the same time."""

    def unpacked(
        self, raw: Path, task: ExtractTask, *, accepted: frozenset[str], check_cancelled: Callable[[], None]
    ) -> AbstractContextManager[Unpacked | Hold]:
        """Decrypt and decompress an object that was fetched to ``raw``. Yields its plain bytes; a plain
        object is passed on unchanged.

        Output files are next to ``raw`` and are deleted when the block ends. ``accepted``: former hold
        reasons that a person accepted. ``check_cancelled`` is called regularly, and raises if the work must
        stop.

        Raises:
            NeedsPerson: gpg is not installed, or a key of the task does not exist.
            OSError: there is no space for the output.
        """
        ...

    def looks_packed(self, head: bytes, task: ExtractTask) -> bool:
        """Whether an object that starts with these bytes must be unpacked or refused. Call this only for a
        task without PGP settings.
        """
        ...

    def warnings(self, task: ExtractTask) -> tuple[str, ...]:
        """Warnings about keys of the task that are expired or expire soon."""
        ...
