"""The storage that the vault needs for encrypted secrets."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol


class Changes(Protocol):
    """The storage during an exclusive change."""

    def all(self) -> dict[str, bytes]: ...

    def key_check(self) -> bytes | None: ...

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None: ...

    def remove(self, name: str) -> None: ...

    def set_key_check(self, check: bytes | None) -> None: ...


class SecretStore(Protocol):
    """Stores encrypted secrets."""

    def names(self) -> tuple[str, ...]: ...

    def get(self, name: str) -> bytes | None: ...

    def key_check(self) -> bytes | None:
        """The value that detects a wrong key; None if nothing is encrypted, or if the ledger is old and has
        none.
        """
        ...

    def changing(self) -> AbstractContextManager[Changes]:
        """Start an exclusive, atomic change. Other writers wait until the block ends."""
        ...
