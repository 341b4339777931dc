"""How far a run is, as it is gathered and kept beside the work."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from bucketlift.engine.context.progress import SAMPLES, Track
from bucketlift.engine.context.progress_writer import write_progress
from bucketlift.errors import LedgerUnavailable
from bucketlift.model.advance import Advance, TaskAdvance
from bucketlift.rules.pace import left, rate
from builders import NOON, a_claim


@dataclass
class Clock:
    at: datetime = field(default=NOON)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def test_a_file_is_told_of_while_it_is_worked_on():
    track = Track(Clock())

    with track.file(a_claim(), "reading", total=100) as file:
        file.update(40, 7)
        (within,) = track.look().files

    assert (within.key, within.doing, within.done, within.total, within.rows) == (
        "in/a.csv",
        "reading",
        40,
        100,
        7,
    )
    assert track.look().files == ()


def test_the_rate_and_the_time_left_are_those_of_the_last_seconds():
    clock = Clock()
    track = Track(clock)

    with track.file(a_claim(), "fetching", total=10_000) as file:
        for _ in range(3 * SAMPLES):
            clock.pass_(1)
            file.update(file.done + 10)
            track.look()
        for _ in range(SAMPLES):
            clock.pass_(1)
            file.update(file.done + 100)
            advance = track.look()

    (seen,) = advance.files
    assert rate(seen, advance.at) == 100
    assert left(seen, advance.at) == timedelta(seconds=(10_000 - 1_300) / 100)


def test_no_rate_is_told_before_there_is_one():
    clock = Clock()
    track = Track(clock)

    with track.file(a_claim(), "fetching", total=10) as file:
        file.update(5)
        advance = track.look()

    assert (rate(advance.files[0], advance.at), left(advance.files[0], advance.at)) == (None, None)


def test_a_task_has_one_line_the_newest():
    track = Track(Clock())

    track.task("listing", "files", 1_000, None)
    track.task("reading", "files", 64, 1_000)

    assert track.look().tasks == (TaskAdvance(task="files", doing="reading", done=64, total=1_000),)


def test_what_cannot_be_kept_stops_neither_the_work_nor_what_follows():
    kept, twice, track = list[Advance](), threading.Event(), Track(Clock())

    def keep(advance: Advance) -> None:
        kept.append(advance)
        if len(kept) == 1:
            raise LedgerUnavailable("The ledger is away")
        twice.set()

    with write_progress(track, keep, every=0.001):
        assert twice.wait(120)

    assert len(kept) == 2  # the third would have said the same


def test_it_ends_with_the_block_whatever_ends_it():
    before = threading.active_count()

    with pytest.raises(KeyError), write_progress(Track(Clock()), lambda _: None, every=0.001):
        raise KeyError

    assert threading.active_count() <= before
