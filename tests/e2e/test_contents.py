"""Objects that are not as they should be: each is held or rejected with its reason, and the others load."""

from __future__ import annotations

import os

import pytest

from e2e.checker import check
from e2e.world import counts, extract, load, sorted_rows, table_of

GOOD = table_of(("1", "Ann"))
WIDE = (",".join(f"c{number}" for number in range(10_000)) + "\n").encode()
BAD_FILES = {
    "blank_header.csv": (b"id,\n1,Ann\n", "blank-column"),
    "cp1252.csv": ("id,name\n1,Jos\u00e9\n".encode("cp1252"), "not-utf-8"),
    "duplicate_header.csv": (b"id,name,name\n1,a,b\n", "duplicate-column"),
    "empty.csv": (b"", "empty"),
    "ten_thousand_columns.csv": (WIDE, "no-header"),
    "utf16.csv": ("id,name\n1,Ann\n".encode("utf-16"), "not-utf-8"),
    "wrong_header.csv": (b"number,name\n1,Ann\n", "missing-column"),
}
BAD_ROWS = {
    "bare_quote.csv": b'id,name\n1,An"n\n',
    "nul.csv": b"id,name\n1,A\x00n\n",
    "ragged.csv": b"id,name\n1\n",
    "unterminated.csv": b'id,name\n1,"Ann\n',
}

FILES = 2_000 if os.environ.get("BUCKETLIFT_CRASH") == "full" else 300

pytestmark = pytest.mark.slow


def test_each_bad_object_is_held_for_its_own_reason_and_the_good_ones_load(world):
    world.apply(extract("delete"), load())
    world.put("in/good.csv", GOOD)
    world.put("in/header_only.csv", b"id,name\n")
    world.put("in/bom_and_crlf.csv", b"\xef\xbb\xbfid,name\r\n7,Eve\r\n")
    for name, (body, _) in BAD_FILES.items():
        world.put(f"in/{name}", body)
    for name, body in BAD_ROWS.items():
        world.put(f"in/{name}", body)

    ran, again = world.run(), world.run()

    held = {each["key"]: each["reason"] for each in ran["files"] if each["state"] == "held"}
    assert held == {
        **{f"in/{name}": reason for name, (_, reason) in BAD_FILES.items()},
        **{f"in/{name}": "too-many-rejects" for name in BAD_ROWS},
    }
    assert (ran["exit"], counts(ran)) == (3, {"found": 14, "loaded": 3, "held": 11})
    assert (again["exit"], again["attention"], counts(again)) == (0, 11, {"known": 11})
    assert world.rows() == [("1", "Ann"), ("7", "Eve")]
    assert sorted(world.keys()) == sorted(held)
    assert all(each["hint"] for each in ran["files"] if each["state"] == "held")
    check(world, append=("people",), rejects=True)


def test_good_rows_load_up_to_the_limit_and_each_reject_is_kept_with_its_bytes(world):
    world.apply(extract("delete", max_rejected=1), load())
    body = b"id,name\n1,Ann\n2\n3,Cid\n"
    world.put("in/one.csv", body)
    world.put("in/two.csv", b"id,name\n1\n2\n3,Dee\n")

    ran = world.run()

    with world.app() as app:
        kept = {
            claim.source.key: [
                (each.line, each.offset, each.raw) for each in app.ledger.claims.rejects(claim.id)
            ]
            for claim in app.ledger.claims.find()
        }
    assert kept == {
        "in/one.csv": [(3, 14, b"2\n")],
        "in/two.csv": [(2, 8, b"1\n"), (3, 10, b"2\n")],
    }
    assert (ran["exit"], counts(ran)) == (3, {"found": 2, "loaded": 1, "held": 1})
    assert (world.rows(), world.keys()) == ([("1", "Ann"), ("3", "Cid")], ["in/two.csv"])
    check(world)


def test_a_key_twice_in_an_upserted_file_makes_rejects_of_its_rows(world):
    world.apply(extract("delete", max_rejected="50%"), load(mode="upsert"))
    world.put("in/a.csv", table_of(("1", "Ann"), ("2", "x"), ("2", "y"), ("3", "Cid")))

    ran = world.run()

    assert (ran["exit"], ran["files"][0]["rejected"]) == (0, 2)
    assert world.rows() == [("1", "Ann"), ("3", "Cid")]


def test_ten_thousand_columns_and_a_cell_of_ten_megabytes_are_loaded(world):
    names = [f"c{number}" for number in range(10_000)]
    (world.root / "sample.csv").write_text(",".join(names) + "\n")
    world.apply(extract("delete"), load())
    cells = ["x" * 10_000_000, *("y" for _ in names[1:])]
    world.put("in/wide.csv", f"{','.join(names)}\n{','.join(cells)}\n".encode())

    ran = world.run()

    assert (ran["exit"], counts(ran)) == (0, {"found": 1, "loaded": 1})
    assert world.rows(columns="length(c0), c9999") == [(10_000_000, "y")]


def test_many_small_files_are_few_batches(world):
    world.apply(extract("keep"), load())
    bodies = [table_of((str(number), "x")) for number in range(FILES)]
    for number, body in enumerate(bodies):
        world.put(f"in/{number:04}.csv", body)

    ran = world.run()

    assert (ran["exit"], counts(ran)) == (0, {"found": FILES, "loaded": FILES})
    assert world.rows() == sorted_rows(*bodies)
    assert world.batches() < 5
