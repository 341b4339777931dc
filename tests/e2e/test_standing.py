"""A standing process over days: accounts change and the ledger goes away for a while."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import replace

import pytest

from bucketlift.errors import LedgerUnavailable, NotFound
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.workflows.catalog import Removed
from bucketlift.model.worker import WorkerKind
from bucketlift.service.core.app import no_progress
from bucketlift.testing.faults import Calls
from e2e.world import extract, load, sorted_rows, table_of

pytestmark = pytest.mark.slow
ANN = table_of(("1", "Ann"))


def test_a_store_is_reached_as_its_account_says_now(world):
    world.apply(extract("keep"), load())

    with world.app() as app:
        (task,) = app.ledger.catalog.workflow("w").workflow.extracts
        first, again = app.connections.store("w", task), app.connections.store("w", task)
        account = app.ledger.catalog.account("acme")
        moved = replace(account, settings=replace(account.settings, region="eu-west-1"))
        app.ledger.catalog.save(accounts=(moved,), now=app.now())
        changed = app.connections.store("w", task)
        app.ledger.catalog.save(removed=Removed(accounts=("acme",)), now=app.now())
        with pytest.raises(NotFound):
            app.connections.store("w", task)

    assert first is again
    assert changed is not first


def test_a_workflow_whose_lease_could_not_be_given_back_is_taken_again_by_the_same_worker(world, monkeypatch):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    away = threading.Event()
    writing = Database.writing

    @contextmanager
    def unless_away(database, lease=None):
        if away.is_set():
            raise LedgerUnavailable("away", to="ledger")
        with writing(database, lease) as connection:
            yield connection

    monkeypatch.setattr(Database, "writing", unless_away)
    world.server.faults.add("GetObject", Calls(before=away.set), key="in/a.csv")
    with world.app() as app, app.engine(no_progress, WorkerKind.WORKER) as engine:
        run = app.ledger.runs.ask("w", 1, trigger="demand", now=app.now())
        with pytest.raises(LedgerUnavailable):
            engine.take("w")
        away.clear()
        free = app.ledger.runs.free(engine.at)
        engine.take("w")
        state = app.ledger.runs.get(run.id).state

    assert (free, state.value) == (("w",), "succeeded")
    assert (world.rows(), world.keys()) == (sorted_rows(ANN), [])
