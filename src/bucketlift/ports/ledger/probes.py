"""Which preconditions a store honours, as it was found out."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bucketlift.model.source import Honoured, Precondition, StoreId


class Probes(Protocol):
    def find(self, store: StoreId, bucket: str) -> dict[Precondition, Honoured]: ...

    def record(
        self, store: StoreId, bucket: str, precondition: Precondition, honoured: Honoured, *, now: datetime
    ) -> None: ...
