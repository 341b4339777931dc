"""The interface of the storage in which the vault keeps encrypted secrets."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol


class Changes(Protocol):
    """The storage during a change that excludes other writers."""

    def all(self) -> dict[str, bytes]: ...

    def key_check(self) -> bytes | None: ...

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None: ...

    def remove(self, name: str) -> None: ...

    def set_key_check(self, check: bytes | None) -> None: ...


class SecretStore(Protocol):
    """The part of the ledger in which the vault stores encrypted secrets."""

    def names(self) -> tuple[str, ...]: ...

    def get(self, name: str) -> bytes | None: ...

    def key_check(self) -> bytes | None:
        """The value by which a wrong key is detected. None if nothing is encrypted, or if an old version
        wrote the ledger.
        """
        ...

    def changing(self) -> AbstractContextManager[Changes]:
        """Start a change that is atomic. Other writers wait until the block ends."""
        ...
