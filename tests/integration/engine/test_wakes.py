"""A worker that was silent, cut off or overtaken finds what is its own again, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bucketlift.engine.context.spool import Spool
from bucketlift.engine.worker.destination_limits import DestinationLimits
from bucketlift.engine.worker.presence import Presence
from bucketlift.engine.worker.processes import Process
from bucketlift.errors import LeaseLost, LedgerUnavailable, LedgerUpgraded
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.runs.slots import Slots
from bucketlift.ledger.runs.workers import Workers
from bucketlift.model.worker import WorkerKind
from bucketlift.service.files import decisions
from builders import NOON, a_workflow

ROWS = b"id,name\n1,Ada\n2,Bob\n"


@dataclass
class Capped:
    """Destinations that take one load unit at a time."""

    def max_parallel(self, destination: str) -> int:
        return 1


class Forgetful(Slots):
    """The ledger is away whenever a slot is given back."""

    def drop(self, destination: str, slot: int, holder: str) -> None:
        raise LedgerUnavailable("away", to="ledger")


@contextmanager
def present(folder: Path, database: Database) -> Iterator[Presence]:
    with (
        Process(folder / "workers") as process,
        Presence(process, Workers(database), name="here", kind=WorkerKind.WORKER) as presence,
    ):
        yield presence


def heeded() -> None:
    """Nobody cancels."""


def test_a_worker_that_was_silent_so_long_that_it_was_forgotten_enters_again(bench, tmp_path):
    with present(tmp_path, bench.database) as presence:
        with bench.database.writing() as connection:
            connection.execute(sa.delete(tables.workers))

        presence.drain()

        assert [(each.id, each.fresh) for each in Workers(bench.database).all()] == [(presence.id, True)]


def test_a_worker_that_was_frozen_during_an_upgrade_stops_its_runs_and_leaves(bench, tmp_path):
    with present(tmp_path, bench.database) as frozen:
        with bench.database.writing() as connection:
            connection.execute(sa.text("UPDATE alembic_version SET version_num = '9999'"))

        frozen.drain()

        assert isinstance(frozen.refused, LedgerUpgraded)
        assert (frozen.draining, frozen.going.is_set()) == (True, True)


def test_the_spool_of_a_silent_process_that_is_still_there_is_left_alone(bench, tmp_path):
    with present(tmp_path, bench.database) as silent:
        mine, dead = Spool(tmp_path / "spool" / silent.id), Spool(tmp_path / "spool" / "1-dead")
        with bench.database.writing() as connection:
            long_ago = NOON - timedelta(days=1)
            connection.execute(sa.update(tables.workers).values(beat_at=long_ago))
        with present(tmp_path, bench.database) as other:
            Spool(tmp_path / "spool" / other.id).clear_dead(other.has_ended)

        assert mine.scratch().parent.exists()
        assert not dead.staged("claim").parent.exists()  # type: ignore[arg-type] # any id


def test_a_turn_that_could_not_be_given_back_is_taken_anew(bench, tmp_path):
    with present(tmp_path, bench.database) as presence:
        turns = DestinationLimits(Forgetful(bench.database), presence, Capped())  # type: ignore[arg-type] # enough of them

        for _ in range(2):
            with turns.at("warehouse", heeded):
                pass


def test_who_waits_for_a_turn_leaves_off_when_the_worker_goes(bench, tmp_path):
    with present(tmp_path, bench.database) as presence:
        turns = DestinationLimits(Slots(bench.database), presence, Capped())  # type: ignore[arg-type] # enough of them
        waits = turns.at("warehouse", presence.going.set)

        with turns.at("warehouse", heeded), pytest.raises(LeaseLost, match="shutting down"), waits:
            pass


def test_a_file_that_a_person_held_just_before_its_load_is_not_loaded(bench):
    bench.store.put("drop", "in/a.csv", ROWS)
    bench.store.put("drop", "in/b.csv", b"id,name\n3,Cid\n")
    seen = threading.Event()
    receipts = bench.loader.receipts

    def hold_first(loads):
        if not seen.is_set():
            seen.set()
            bench.decide(decisions.hold, "in/a.csv")
        return receipts(loads)

    bench.loader.receipts = hold_first
    bench.run(a_workflow())

    assert [row["id"] for row in bench.loader.tables["people"].rows] == ["3"]
    assert bench.newest_state("in/a.csv") == ("held", "asked")
