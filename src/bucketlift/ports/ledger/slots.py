"""How many load units may be open in one destination at once."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Protocol


class Slots(Protocol):
    def take(
        self,
        destination: str,
        cap: int,
        holder: str,
        alive: Callable[[str], bool],
        *,
        mine: Collection[int] = (),
    ) -> int | None:
        """Take one of a destination's slots; None while all are with live workers.

        ``mine`` are those that the holder knows to have: any other in its name could not be given back.
        """
        ...

    def drop(self, destination: str, slot: int, holder: str) -> None: ...
