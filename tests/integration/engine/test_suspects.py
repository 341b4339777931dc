"""A file that kills its worker is found, and held alone."""

from __future__ import annotations

import pytest

from bucketlift.engine.reading.poison_files import DEATHS
from integration.engine.bench import Died

ROWS = b"id,name\n1,Ada\n"


def dies(bench, times: int) -> None:
    for _ in range(times):
        with pytest.raises(Died):
            bench.run()


def test_a_file_that_kills_its_worker_again_and_again_is_held_and_the_others_are_loaded(bench):
    for name in ("a", "b", "poison"):
        bench.store.put("drop", f"in/{name}.csv", ROWS)
    bench.store.deadly = frozenset({"in/poison.csv"})

    dies(bench, 1 + DEATHS)  # once among the others, then alone
    run = bench.run()

    assert bench.states() == {
        "in/a.csv": ("done", None),
        "in/b.csv": ("done", None),
        "in/poison.csv": ("held", "poison"),
    }
    assert run.newly_held == 1


def test_deaths_among_others_are_not_counted_against_a_file(bench):
    for name in ("a", "poison"):
        bench.store.put("drop", f"in/{name}.csv", ROWS)
    bench.store.deadly = frozenset({"in/poison.csv"})

    dies(bench, DEATHS)
    bench.store.deadly = frozenset()
    bench.run()

    assert bench.states() == {"in/a.csv": ("done", None), "in/poison.csv": ("done", None)}


def test_a_file_that_was_held_so_gets_all_its_tries_again_when_a_person_retries_it(bench):
    bench.store.put("drop", "in/poison.csv", ROWS)
    bench.store.deadly = frozenset({"in/poison.csv"})
    dies(bench, DEATHS)
    bench.run()
    held = bench.states()
    bench.retry("in/poison.csv")

    dies(bench, 1)
    bench.store.deadly = frozenset()
    bench.run()

    assert held == {"in/poison.csv": ("held", "poison")}
    assert bench.states() == {"in/poison.csv": ("done", None)}
