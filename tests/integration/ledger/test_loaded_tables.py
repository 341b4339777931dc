"""What was loaded into a table, by the receipts in a real ledger."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bucketlift.ledger.claims.loaded_tables import LoadedDay, LoadedTable, LoadedTables
from builders import NOON, a_pinned, a_source
from integration.ledger.test_files import pin, receipt


def loaded(ledger, *receipts):
    ledger.claims.record_receipts(ledger.lease, ledger.run, receipts, {})


def test_tables_files_and_days_come_from_the_receipts_of_one_destination(ledger):
    files = [a_pinned(a_source(f"in/{name}.csv")) for name in "abc"]
    pin(ledger, *files)
    first, second, third = (receipt(each.claim) for each in files)
    yesterday = NOON - timedelta(days=1)
    loaded(
        ledger,
        replace(first, committed_at=yesterday),
        replace(second, inserted=1, updated=2),
        replace(third, table="People"),
        replace(first, load_task="log", destination="other"),
    )

    found = LoadedTables(ledger.database)

    assert set(found.names("warehouse")) == {"people", "People"}
    assert {each.table: each for each in found.of("warehouse")}["people"] == LoadedTable(
        table="people", loads=2, inserted=4, updated=2, last_at=NOON
    )
    assert [
        (each.claim.source.key, each.inserted, each.committed_at)
        for each in found.files("warehouse", ["people"])
    ] == [("in/b.csv", 1, NOON), ("in/a.csv", 3, yesterday)]
    assert [each.claim.source.key for each in found.files("warehouse", ["people"], limit=1, offset=1)] == [
        "in/a.csv"
    ]
    assert found.days("warehouse", ["people", "People"], since=yesterday) == (
        LoadedDay(day=yesterday.date(), loads=1, inserted=3, updated=0),
        LoadedDay(day=NOON.date(), loads=2, inserted=4, updated=2),
    )
    assert found.days("warehouse", ["people"], since=NOON) == (
        LoadedDay(day=NOON.date(), loads=1, inserted=1, updated=2),
    )
    assert (found.of("nothing"), found.files("nothing", ["people"])) == ((), ())
