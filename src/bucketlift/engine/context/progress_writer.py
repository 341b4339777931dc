"""Writes the progress of a run to the ledger in a separate thread, so that no load waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from bucketlift.engine.context.progress import Track
from bucketlift.model.advance import Advance

EVERY = 1.0
"""Minimum seconds between two writes."""
TIMEOUT = 2.0
"""The maximum number of seconds that the end of a run waits for a write. The ledger refuses a write that
comes later.
"""


@contextmanager
def write_progress(track: Track, keep: Callable[[Advance], None], *, every: float = EVERY) -> Iterator[None]:
    """Write the progress of a track while the block lasts. The progress of a run that is shorter than a
    second is not written.
    """
    over = threading.Event()
    thread = threading.Thread(
        target=_write_changes, args=(track, keep, over, every), name="progress", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(TIMEOUT)


def _write_changes(
    track: Track, keep: Callable[[Advance], None], over: threading.Event, every: float
) -> None:
    last = None
    while not over.wait(every):
        advance = track.look()
        same = last is not None and replace(advance, at=last.at) == last
        if not same and _is_written(keep, advance):
            last = advance


def _is_written(keep: Callable[[Advance], None], advance: Advance) -> bool:
    """Write the progress. Returns whether this succeeded.

    An error is ignored, because the run is more important and the next write may succeed.
    """
    try:
        keep(advance)
    except Exception:  # noqa: BLE001 - the run itself handles an unavailable ledger
        return False
    return True
