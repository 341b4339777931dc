"""Rejects that a person mended are loaded once, alone, and under the lineage of their file."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from bucketlift.model.workflow import Delete, Keep, RejectLimit
from bucketlift.service import rejects, replays
from builders import a_load, a_target, a_workflow, an_extract

LAX = RejectLimit(rows=10)
LOADED = a_workflow(an_extract(after_import=Keep(), max_rejected=LAX), a_load())
BAD = b'id,name\n1,Ann\n2\n3,Cyd\n4,Dan,x\n5,E"va\n'


def put(bench, **bodies: bytes) -> None:
    for name, body in bodies.items():
        bench.store.put("drop", f"in/{name}", body)


def exported(bench, name: str = "a") -> list[dict[str, str]]:
    with rejects.export(bench.app(), bench.id_of(f"in/{name}"), as_json=False) as found:
        return list(csv.DictReader(io.StringIO("".join(found.lines), newline="")))


def written(bench, rows: list[dict[str, str]]) -> Path:
    path = bench.folder / "mended.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(rows)
    return path


def replay(bench, rows: list[dict[str, str]], name: str = "a", **how: Any) -> replays.Replayed:
    return replays.replay(bench.app(), bench.id_of(f"in/{name}"), written(bench, rows), **how)


def lineage(bench, table: str = "people") -> list[tuple[object, ...]]:
    rows = bench.loader.tables[table].rows
    return sorted((row["_source_line"], row["id"], row["name"]) for row in rows)


def test_mended_rows_are_loaded_with_the_lines_that_they_have_in_their_file(bench):
    put(bench, a=BAD)
    bench.run(LOADED)
    rows = exported(bench)
    before = lineage(bench)

    rows[0]["name"], rows[1]["name"], rows[2]["name"] = "Bob", "Dan", "Eva"
    done = replay(bench, rows)

    assert [row["name"] for row in exported(bench)] == []
    assert before == [(2, "1", "Ann"), (4, "3", "Cyd")]
    assert lineage(bench) == [
        (2, "1", "Ann"),
        (3, "2", "Bob"),
        (4, "3", "Cyd"),
        (5, "4", "Dan"),
        (6, "5", "Eva"),
    ]
    assert [(each.inserted, each.table) for each in done.receipts] == [(3, "people")]
