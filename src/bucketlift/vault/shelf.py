"""What the vault needs of the place where sealed secrets rest."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol


class Changes(Protocol):
    """The shelf while nobody else changes it."""

    def all(self) -> dict[str, bytes]: ...

    def key_check(self) -> bytes | None: ...

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None: ...

    def remove(self, name: str) -> None: ...

    def set_key_check(self, check: bytes | None) -> None: ...


class Shelf(Protocol):
    """Where sealed secrets rest."""

    def names(self) -> tuple[str, ...]: ...

    def get(self, name: str) -> bytes | None: ...

    def key_check(self) -> bytes | None:
        """What tells a wrong key; None while nothing is sealed, and in a ledger that never kept one."""
        ...

    def changing(self) -> AbstractContextManager[Changes]:
        """Change it, all or nothing; whoever else wants to change it waits until the block ends."""
        ...
