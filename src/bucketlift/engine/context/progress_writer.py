"""Keeps in the ledger how far a run is, beside the work: no load ever waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from bucketlift.engine.context.progress import Track
from bucketlift.model.advance import Advance

EVERY = 1.0
"""Seconds between two rows written, at least."""
PATIENCE = 2.0
"""Seconds that a run's end waits for a write under way: the ledger takes none of a run that is over."""


@contextmanager
def told(track: Track, keep: Callable[[Advance], None], *, every: float = EVERY) -> Iterator[None]:
    """Keep what a track tells while the block lasts. A run shorter than a second is told nothing of."""
    over = threading.Event()
    thread = threading.Thread(target=_tell, args=(track, keep, over, every), name="progress", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(PATIENCE)


def _tell(track: Track, keep: Callable[[Advance], None], over: threading.Event, every: float) -> None:
    last = None
    while not over.wait(every):
        advance = track.look()
        same = last is not None and replace(advance, at=last.at) == last
        if not same and _kept(keep, advance):
            last = advance


def _kept(keep: Callable[[Advance], None], advance: Advance) -> bool:
    """Whether it was written. Whatever fails, the next one may not, and no run is about progress."""
    try:
        keep(advance)
    except Exception:  # noqa: BLE001 - the run has the say about a ledger that is away
        return False
    return True
