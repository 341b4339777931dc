"""Loads have short names, and those of workflows that were made before still have their long ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.workflows.catalog import Catalog, Removed
from bucketlift.model.load import SHORT, LoadId, LoadUnit, load_id, load_ids, replace_load_id
from bucketlift.model.workflow import Keep
from bucketlift.service.files import decisions
from builders import NOON, a_load, a_source, a_workflow, an_extract
from contract.destinations import Lookout, duckdb_file, postgresql_schema, sqlite_file
from integration.engine.bench import Died

ADA, BOB = b"id,name\n1,Ada\n", b"id,name\n2,Bob\n"
KEPT = a_workflow(an_extract(after_import=Keep()), a_load())
LONG = "6b5f20d1e1648c414f8c94a22a2a1513567a356d90dc95befc8d228f1733c2ef"
"""As the first versions named it."""


@dataclass
class Mortal:
    """A loader whose process ends right after a commit, where a test wants it."""

    loader: Any
    dies: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)

    @contextmanager
    def begin(self, unit: LoadUnit) -> Iterator[Any]:
        with self.loader.begin(unit) as load:
            yield load
        if self.dies:
            raise Died("after the destination's commit")


@pytest.fixture(params=[duckdb_file, sqlite_file, postgresql_schema], ids=lambda maker: maker.__name__)
def destination(request, bench, tmp_path) -> Lookout:
    if request.param is postgresql_schema:
        made = postgresql_schema(request.getfixturevalue("postgresql").database())
    else:
        made = request.param(tmp_path)
    bench.loader = Mortal(made.loader)
    return made


def as_made_before(bench):
    """The workflow as a ledger has it that an older version made."""
    Catalog(bench.database).save(workflows=(KEPT,), now=NOON)
    with bench.database.writing() as connection:
        connection.execute(sa.update(tables.workflows).values(slug=tables.workflows.c.key))


def load_and_die(bench, key, body):
    """The destination commits, and the ledger never hears of it."""
    bench.store.put("drop", key, body)
    bench.loader.dies = True
    with pytest.raises(Died):
        bench.run(KEPT)
    bench.loader.dies = False


def rows(destination: Lookout) -> list[tuple[Any, ...]]:
    """With the length of the name of the load that brought each."""
    found = destination.table("people") or []
    return [(row["id"], row["name"], len(row["_load_id"])) for row in found]


def test_a_name_has_26_letters_and_digits_and_is_the_beginning_of_the_long_one():
    short, long = load_ids(f"{SHORT}nightly", "people", "people", a_source())

    assert (short, long) == ("nnpsbupbmsgect4mssrcukqvcm", LONG)


def test_every_workflow_that_was_made_before_keeps_its_long_names():
    replacement = replace_load_id("nightly", "people", "people", [a_source(), a_source()])

    assert load_id("nightly", "people", "people", a_source()) == LONG
    assert load_ids("nightly", "people", "people", a_source()) == (LONG,)
    assert replacement == "2284c000c6f9816f914251e6c34882b77e8256b13adffb3e465565f26602ba21"


@pytest.mark.slow
def test_a_load_of_before_that_the_ledger_never_heard_of_is_not_done_again(bench, destination):
    as_made_before(bench)
    load_and_die(bench, "in/a.csv", ADA)
    bench.run(KEPT)
    bench.store.put("drop", "in/b.csv", BOB)

    bench.run(KEPT)

    assert rows(destination) == [("1", "Ada", 64), ("2", "Bob", 64)]
    assert bench.states() == {"in/a.csv": ("done", None), "in/b.csv": ("done", None)}


@pytest.mark.slow
def test_a_load_of_now_that_the_ledger_never_heard_of_is_not_done_again(bench, destination):
    load_and_die(bench, "in/a.csv", ADA)
    bench.run(KEPT)
    bench.store.put("drop", "in/b.csv", BOB)

    bench.run(KEPT)

    assert rows(destination) == [("1", "Ada", 26), ("2", "Bob", 26)]
    assert bench.states() == {"in/a.csv": ("done", None), "in/b.csv": ("done", None)}


@pytest.mark.slow
def test_a_load_of_before_whose_ledger_was_lost_waits_for_a_person_and_is_not_done_again(
    bench, destination, tmp_path
):
    as_made_before(bench)
    bench.store.put("drop", "in/a.csv", ADA)
    bench.run(KEPT)
    bench.database.close()
    bench.database = open_file(tmp_path / "new.sqlite")
    bench.store.put("drop", "in/b.csv", BOB)

    bench.run(KEPT)
    held = bench.states()
    bench.decide(decisions.accept, "in/a.csv")
    bench.run(KEPT)

    assert held == {"in/a.csv": ("held", "unknown-receipt"), "in/b.csv": ("done", None)}
    assert rows(destination) == [("1", "Ada", 64), ("2", "Bob", 26)]
    assert bench.states() == {"in/a.csv": ("done", None), "in/b.csv": ("done", None)}


@pytest.mark.slow
def test_a_workflow_of_before_that_is_deleted_and_made_again_keeps_its_names(bench, destination):
    as_made_before(bench)
    bench.store.put("drop", "in/a.csv", ADA)
    bench.run(KEPT)
    Catalog(bench.database).save(removed=Removed(workflows=("nightly",)), now=NOON)
    bench.store.put("drop", "in/b.csv", BOB)

    bench.run(KEPT)

    assert rows(destination) == [("1", "Ada", 64), ("2", "Bob", 64)]


def test_a_replacement_of_now_has_a_short_name():
    assert replace_load_id(f"{SHORT}nightly", "people", "people", [a_source(), a_source()]) == LoadId(
        "ekcmaagg7gaw7ekckhtmgsecw4"
    )
