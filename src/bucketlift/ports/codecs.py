"""What the core needs to read encrypted and compressed objects."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from bucketlift.model.contract import Hold
from bucketlift.model.packing import Unpacked
from bucketlift.model.workflow import ExtractTask


class Codecs(Protocol):
    """Decrypts and decompresses. Safe to use from several threads."""

    def unpacked(
        self, raw: Path, task: ExtractTask, *, accepted: frozenset[str], heed: Callable[[], None]
    ) -> AbstractContextManager[Unpacked | Hold]:
        """The plain bytes of an object that was fetched to ``raw``; a plain one is passed on as it stands.

        What is written lies beside ``raw`` and is gone when the block ends. ``accepted``: why the file was held
        before, and a person let it pass. ``heed`` is asked now and then, and raises where the work is to end.

        Raises:
            NeedsPerson: gpg is not installed, or a key of the task is not there.
            OSError: there is no room for what is written.
        """
        ...

    def looks_packed(self, head: bytes, task: ExtractTask) -> bool:
        """Whether an object of a task without PGP that begins so is anything but passed on as it stands."""
        ...

    def warnings(self, task: ExtractTask) -> tuple[str, ...]:
        """Keys of the task that are expired, or soon will be."""
        ...
