"""One module of the ledger writes the state of a claim, and one that of a run: it asks the lifecycle first."""

from __future__ import annotations

from pathlib import Path

import pytest

from architecture.one_writer import Finding, second_writers

SOURCE = Path(__file__).parent.parent.parent / "src" / "bucketlift"
WRITERS = {
    "claims": Path("ledger/claims/transitions.py"),
    "runs": Path("ledger/runs/runs.py"),
}
HISTORY = Path("ledger/migrations/versions")
"""Migrations of ledgers as they were."""


@pytest.mark.parametrize(("table", "writer"), WRITERS.items())
def test_one_module_alone_writes_a_state(table, writer):
    found = {
        str(path.relative_to(SOURCE)): second_writers(path.read_text(), table, "state")
        for path in SOURCE.rglob("*.py")
        if path.relative_to(SOURCE) != writer and path.relative_to(SOURCE).parent != HISTORY
    }

    assert {path: findings for path, findings in found.items() if findings} == {}


@pytest.mark.parametrize("table", WRITERS)
def test_the_one_writer_is_found_by_the_check(table):
    assert second_writers((SOURCE / WRITERS[table]).read_text(), table, "state") != []


@pytest.mark.parametrize(
    "statement",
    [
        'sa.update(tables.claims).where(tables.claims.c.id == 1).values(state="held")',
        'sa.update(_claims).values({"state": "held"})',
        '_claims.update().values(state="held")',
        'sa.insert(_claims).values(id=1, state="held")',
        'update_many(connection, _claims, ("id",), [{"id": each, "state": "held"} for each in ids])',
        'insert_many(connection, tables.claims, [{"id": 1, **{"state": "held"}}])',
        'rows = [{"id": 1, "state": "held"}]\nupdate_many(connection, _claims, ("id",), rows)',
        'change = sa.update(_claims)\nchange.where(_claims.c.id == 1).values(state="held")',
    ],
)
def test_a_second_writer_is_found(statement):
    source = f"_claims, _outbox = tables.claims, tables.outbox\n{statement}"

    assert [each.why for each in second_writers(source, "claims", "state")] == ["it writes state"]


@pytest.mark.parametrize(
    "statement",
    [
        "sa.update(_claims).values(**values)",
        "sa.update(_claims).values(changed)",
        "connection.execute(sa.insert(_claims), rows)",
        "update_many(connection, _claims, ('id',), made_elsewhere)",
        "update_many(connection, _claims, ('id',), [{'id': 1, **changed}])",
    ],
)
def test_a_statement_that_does_not_show_its_columns_is_found(statement):
    (found,) = second_writers(f"_claims = tables.claims\n{statement}", "claims", "state")

    assert found == Finding(line=2, why="which columns it writes cannot be seen")


def test_a_statement_in_sql_text_is_found():
    (found,) = second_writers("sa.text(\"UPDATE claims SET state = 'held'\")", "claims", "state")

    assert found == Finding(line=1, why="it writes the table in SQL text")


def test_a_statement_on_other_columns_or_another_table_is_none():
    source = """
_claims = tables.claims
sa.update(_claims).values(what="x", updated_at=now)
sa.update(tables.outbox).values(state="held")
update_many(connection, _claims, ("id",), [{"id": each, "hint": "y"} for each in ids])
"""

    assert second_writers(source, "claims", "state") == []
