"""Fields with types, from the workflow file to native columns: what fits is loaded, what does not is kept."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import duckdb
import pytest

from e2e.checker import check
from e2e.world import counts, extract, load, loaded

HEADER = "id,name,hired,pay,seen,active"
FIELDS = {
    "id": {"type": "integer"},
    "hired": {"type": "date", "format": "%m/%d/%Y", "null": "n/a"},
    "pay": {"type": "decimal", "precision": 12, "scale": 2},
    "seen": {"type": "timestamp", "timezone": "America/Denver"},
    "active": {"type": "boolean", "true": ["yes", "Y"], "false": ["no", "N"]},
}
GOOD = "1,Ann,1/5/2026,1234.5,2026-07-05 10:00,yes\n2,,n/a,,,\n"

pytestmark = pytest.mark.slow


@pytest.fixture
def typed(world):
    (world.root / "sample.csv").write_text(f"{HEADER}\n")
    world.apply(
        extract("delete", fields=FIELDS, max_rejected=2, dialect={"rows_below_header": 0}),
        load(mode="upsert"),
    )
    return world


def put(world, name, rows):
    world.put(f"in/{name}", f"{HEADER}\n{rows}".encode())


def table(world):
    """The columns' types by name, and the rows with their moments as a clock in UTC shows them."""
    with duckdb.connect(str(world.warehouse), read_only=True) as connection:
        found = connection.table("people")
        types = dict(zip(found.columns, map(str, found.types), strict=True))
        return types, found.project(HEADER.replace("seen", "seen AT TIME ZONE 'UTC'")).order("id").fetchall()


def test_values_come_to_native_columns_and_empty_ones_are_null(typed):
    put(typed, "a.csv", GOOD)

    ran = typed.run()

    types, rows = table(typed)
    assert {name: kind for name, kind in types.items() if not name.startswith("_")} == {
        "id": "BIGINT",
        "name": "VARCHAR",
        "hired": "DATE",
        "pay": "DECIMAL(12,2)",
        "seen": "TIMESTAMP WITH TIME ZONE",
        "active": "BOOLEAN",
    }
    assert rows == [
        (1, "Ann", date(2026, 1, 5), Decimal("1234.50"), datetime(2026, 7, 5, 16), True),  # noqa: DTZ001 - a local time
        (2, "", None, None, None, None),
    ]
    assert (ran["exit"], counts(ran), typed.keys()) == (0, {"found": 1, "loaded": 1}, [])
    check(typed)


def test_misfits_are_kept_up_to_the_limit_and_hold_the_file_beyond_it(typed):
    put(typed, "a.csv", GOOD + "3,Cid,2/30/2026,1,,\n4,Dee,,1.005,2026-01-05T10:00Z,N\n5,Eve,,,,no\n")
    put(typed, "b.csv", "x,,,,,\n7,,,1e3,,\n8,,,,2026-03-08 02:30,\n9,,,,,maybe\n")

    ran = typed.run()

    kept = {each["key"]: rejects(typed, each["id"]) for each in typed.files()}
    assert kept == {
        "in/a.csv": [
            (4, "not-a-date", "hired", b"3,Cid,2/30/2026,1,,\n"),
            (5, "too-precise", "pay", b"4,Dee,,1.005,2026-01-05T10:00Z,N\n"),
        ],
        "in/b.csv": [
            (2, "not-an-integer", "id", b"x,,,,,\n"),
            (3, "not-a-decimal", "pay", b"7,,,1e3,,\n"),
            (4, "no-such-time", "seen", b"8,,,,2026-03-08 02:30,\n"),
            (5, "not-a-boolean", "active", b"9,,,,,maybe\n"),
        ],
    }
    assert (ran["exit"], counts(ran)) == (3, {"found": 2, "loaded": 1, "held": 1})
    assert [row[0] for row in table(typed)[1]] == [1, 2, 5]
    assert [each for each in typed.states() if each[3]] == [("in/b.csv", 1, "held", "too-many-rejects")]
    check(typed)


def rejects(world, file):
    with world.app() as app:
        return [
            (each.line, str(each.reason), each.field, each.raw) for each in app.ledger.claims.rejects(file)
        ]


def test_a_key_is_the_value_and_not_how_it_is_written(typed):
    put(typed, "a.csv", "1,Ann,,,,\n2,Ben,,,,\n")
    put(typed, "b.csv", "01,Anna,,,,\n+3,Cid,,,,\n4,Dee,,,,\n04,Eve,,,,\n")

    ran = typed.run()

    assert [row[:2] for row in table(typed)[1]] == [(1, "Anna"), (2, "Ben"), (3, "Cid")]
    assert (ran["exit"], [each["rejected"] for each in ran["files"]]) == (0, [0, 2])
    check(typed)


def test_a_change_of_type_judges_held_files_again(typed):
    put(typed, "a.csv", "1,,5.1.2026,,,\n2,,31.1.2026,,,\n3,,13.1.2026,,,\n")
    held = typed.run()

    fields = {**FIELDS, "hired": {"type": "date", "format": "%d.%m.%Y"}}
    typed.apply(extract("delete", fields=fields, max_rejected=2), load(mode="upsert"))
    again = typed.run()

    assert (held["exit"], counts(held)) == (3, {"found": 1, "held": 1})
    assert (again["exit"], counts(again), loaded(again)) == (
        0,
        {"found": 1, "loaded": 1},
        {"people": (3, 0, 0)},
    )
    assert [row[2] for row in table(typed)[1]] == [date(2026, 1, day) for day in (5, 31, 13)]
    check(typed)


def test_no_value_that_does_not_fit_comes_to_a_log_or_an_answer(typed):
    put(typed, "a.csv", "S3CRET-VALUE,,,,,\n2,,S3CRET-VALUE,,,\n3,,,S3CRET-VALUE,,\n")

    ran = typed.command("run", "w", "--json")

    assert (ran.code, "S3CRET" in ran.out + ran.err) == (3, False)
    listed = typed.command("rejects", "list", ran.json["files"][0]["id"])
    assert ("hired" in listed.out, "not-a-date" in listed.out, "S3CRET" in listed.out) == (True, True, False)
