"""Who lives in a home, as the kernel knows and by no clock of the wall."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bucketlift.engine.worker.processes import Process, Processes
from bucketlift.model.worker import STALE

STALE_SECONDS = STALE.total_seconds()


@dataclass
class Watch:
    """The monotonic clock of a process that looks on."""

    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Process]:
    with Process(tmp_path) as began:
        began.count()
        yield began


def test_a_process_is_alive_until_it_ends(tmp_path):
    others = Processes(tmp_path)
    with Process(tmp_path) as process:
        process.count()
        while_it_works = others.alive(process.id)

    assert (while_it_works, others.alive(process.id), others.ended(process.id)) == (True, False, True)


def test_a_process_that_was_killed_is_dead_at_once(tmp_path, process):
    process._unlock()  # as the kernel does

    others = Processes(tmp_path)

    assert (others.alive(process.id), others.dead(process.id), others.ended(process.id)) == (
        False,
        True,
        True,
    )


def test_a_frozen_process_is_dead_to_whoever_waited_long_enough_for_a_sign(tmp_path, process):
    watch = Watch()
    others = Processes(tmp_path, seconds=watch)

    seen = []
    for watch.now in (0.0, STALE_SECONDS - 1, STALE_SECONDS, STALE_SECONDS + 1):
        seen.append(others.alive(process.id))
    process.count()

    assert seen == [True, True, False, False]
    assert others.alive(process.id)


def test_a_process_that_counts_is_alive_however_long_it_works(tmp_path, process):
    watch = Watch()
    others = Processes(tmp_path, seconds=watch)

    seen = []
    for watch.now in (0.0, STALE_SECONDS - 1, 2 * STALE_SECONDS, 3 * STALE_SECONDS):
        process.count()
        seen.append(others.alive(process.id))

    assert seen == [True] * 4


def test_a_process_whose_lock_file_was_removed_makes_it_again(tmp_path, process):
    others = Processes(tmp_path)
    others.forget(process.id)
    without = others.alive(process.id)

    process.count()

    assert (without, others.alive(process.id)) == (False, True)


def test_a_process_of_an_earlier_version_counts_nothing_and_lives_while_it_holds_its_lock(tmp_path):
    watch = Watch()
    others = Processes(tmp_path, seconds=watch)
    with Process(tmp_path) as silent:
        first = others.alive(silent.id)
        watch.now = 100 * STALE_SECONDS

        assert (first, others.alive(silent.id)) == (True, True)
