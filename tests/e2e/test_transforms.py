"""Transforms from the workflow file to the tables: rows, rejects, replays and conditions."""

from __future__ import annotations

import csv

import pytest

from e2e.checker import check
from e2e.world import counts, extract, load, loaded

HEADER = "id,email,first,last,site"
CLEAN = {
    "email": {"from": "email", "required": True, "steps": ["trim", {"case": "lower"}]},
    "name": {"join": ["first", "last"], "with": " "},
    "site": {"from": "site", "values": {"DEN": "Denver", "NYC": "New York"}, "unmapped": "keep"},
}
FILE = b"""id,email,first,last,site
1, Ann@Example.COM ,Ann,Lee,DEN
2,,Bob,Ray,NYC
3,cyd@example.com,Cyd,,SFO
"""

pytestmark = pytest.mark.slow


def transform(fields=CLEAN, *, task="clean", source="files"):
    return {"id": task, "transform": {"from": source, "fields": fields}}


def rejects(world, file):
    with world.app() as app:
        return [
            (each.line, str(each.reason), each.field, each.raw) for each in app.ledger.claims.rejects(file)
        ]


@pytest.fixture
def sampled(world):
    (world.root / "sample.csv").write_text(f"{HEADER}\n")
    return world


def test_rows_are_loaded_transformed_and_a_row_without_a_required_value_is_a_reject(sampled):
    sampled.apply(extract(max_rejected=1), transform(), load(**{"from": "clean"}))
    sampled.put("in/a.csv", FILE)

    ran = sampled.run()

    assert sampled.rows(columns="id, email, first, last, site, name, _source_line") == [
        ("1", "ann@example.com", "Ann", "Lee", "Denver", "Ann Lee", 2),
        ("3", "cyd@example.com", "Cyd", "", "SFO", "Cyd", 4),
    ]
    (file,) = sampled.files()
    assert rejects(sampled, file["id"]) == [(3, "required", "email (clean)", b"2,,Bob,Ray,NYC\n")]
    assert (ran["exit"], counts(ran), loaded(ran)) == (0, {"found": 1, "loaded": 1}, {"people": (2, 0, 0)})
    assert [(task["id"], task["state"]) for task in ran["tasks"]] == [
        ("files", "succeeded"),
        ("clean", "succeeded"),
        ("people", "succeeded"),
    ]
    assert ran["tasks"][0]["rows"] == {
        "read": 3,
        "loaded": 2,
        "rejected": 1,
        "held": 0,
        "skipped": 0,
        "failed": 0,
    }


def test_a_mended_row_passes_the_transform_before_it_is_loaded(sampled):
    sampled.apply(extract(max_rejected=1), transform(), load(**{"from": "clean"}))
    sampled.put("in/a.csv", FILE)
    sampled.run()
    (file,) = sampled.files()
    sampled.command("rejects", "export", file["id"], "--to", "rejects.csv")
    still_wrong = sampled.command("rejects", "replay", file["id"], "rejects.csv")
    mend(sampled.root / "rejects.csv", email=" BOB@example.com")

    answered = sampled.command("rejects", "replay", file["id"], "rejects.csv", "--json")

    assert still_wrong.code == 2
    assert "line 3 (required: email (clean))" in still_wrong.err
    assert (answered.code, answered.json["state"]) == (0, "done")
    assert sampled.rows(columns="id, email, site, name, _source_line")[1] == (
        "2",
        "bob@example.com",
        "New York",
        "Bob Ray",
        3,
    )
    assert sampled.command("verify", "w").code == 0


def test_an_upsert_behind_a_transform_is_keyed_by_the_transformed_values(sampled):
    by_email = load(mode="upsert", key=["email"], **{"from": "clean"})
    sampled.apply(extract(max_rejected=3), transform(), by_email)
    sampled.put("in/a.csv", FILE + b"4,ANN@example.com,Ann,L,DEN\n5,eve@example.com,Eve,,DEN\n")
    sampled.put("in/b.csv", f"{HEADER}\n6,Eve@Example.com,Eva,,SFO\n".encode())

    ran = sampled.run()

    kept = {each["key"]: rejects(sampled, each["id"]) for each in sampled.files()}
    assert [(line, reason, field) for line, reason, field, _ in kept["in/a.csv"]] == [
        (2, "key-twice", "email"),
        (3, "required", "email (clean)"),
        (5, "key-twice", "email"),
    ]
    assert sampled.rows(columns="email, id, name") == [
        ("cyd@example.com", "3", "Cyd"),
        ("eve@example.com", "6", "Eva"),
    ]
    assert (ran["exit"], counts(ran)) == (0, {"found": 2, "loaded": 2})


def test_a_replaced_table_has_the_transformed_rows_of_all_files(sampled):
    sampled.apply(extract("keep", max_rejected=1), transform(), load(mode="replace", **{"from": "clean"}))
    sampled.put("in/a.csv", FILE)
    sampled.run()
    sampled.put("in/b.csv", f"{HEADER}\n7,Gil@x.com,Gil,,DEN\n".encode())

    ran = sampled.run()

    assert sampled.rows(columns="id, email, site") == [
        ("1", "ann@example.com", "Denver"),
        ("3", "cyd@example.com", "SFO"),
        ("7", "gil@x.com", "Denver"),
    ]
    assert ran["exit"] == 0


def test_rows_that_one_transform_rejects_are_loaded_nowhere_and_the_others_by_both_ways(sampled):
    other = transform({"city": {"from": "site", "values": {"DEN": "Denver", "NYC": "York"}}}, task="cities")
    sampled.apply(
        extract(max_rejected=2),
        transform(),
        other,
        load("plain"),
        load("clean", table="c", **{"from": "clean"}) | {"id": "cleaned"},
        load("cities", table="d", **{"from": "cities"}) | {"id": "named"},
    )
    sampled.put("in/a.csv", FILE)

    sampled.run()

    (file,) = sampled.files()
    assert [each[:3] for each in rejects(sampled, file["id"])] == [
        (3, "required", "email (clean)"),
        (4, "unmapped-value", "city (cities, step 1: values)"),
    ]
    assert sampled.rows("plain", "id, email, site") == [("1", " Ann@Example.COM ", "DEN")]
    assert sampled.rows("c", "id, email, site") == [("1", "ann@example.com", "Denver")]
    assert sampled.rows("d", "id, email, site, city") == [("1", " Ann@Example.COM ", "DEN", "Denver")]


def test_rejects_of_a_transform_count_in_the_limit_in_conditions_and_in_a_dry_run(sampled):
    few = {"id": "few", "condition": {"all": ["files.rejected = 0"], "then": ["clean", "people"]}}
    sampled.apply(extract(max_rejected=1), few, transform(), load(**{"from": "clean"}))
    sampled.put("in/a.csv", FILE)
    sampled.put("in/b.csv", FILE.replace(b"cyd@example.com", b" "))

    seen = sampled.look()
    ran = sampled.run()

    assert {each["key"]: (each["state"], each["rows"], each["rejected"]) for each in seen["files"]} == {
        "in/a.csv": ("staged", 2, 1),
        "in/b.csv": ("held", 1, 2),
    }
    assert [(task["id"], task["state"]) for task in seen["tasks"]][2] == ("clean", "skipped")
    assert [(task["id"], task["state"], task.get("met")) for task in ran["tasks"]] == [
        ("files", "succeeded", None),
        ("few", "succeeded", False),
        ("clean", "skipped", None),
        ("people", "skipped", None),
    ]
    held = next(each for each in sampled.files() if each["key"] == "in/b.csv")
    assert (held["reason"], held["rejected"]) == ("too-many-rejects", 2)


def test_check_reads_a_file_as_the_task_with_its_transforms(sampled):
    path = sampled.file(extract(max_rejected=0), transform(), load(**{"from": "clean"}))
    (sampled.root / "a.csv").write_bytes(FILE)

    answered = sampled.command("check", "a.csv", "--workflow-file", str(path), "--workflow", "w", "--json")

    assert answered.code == 3
    (found,) = answered.json["files"]
    assert (found["rejects"][0]["line"], found["rejects"][0]["reason"]) == (3, "required")


def test_a_large_file_is_read_in_blocks_and_loaded_again_without_its_staged_rows(sampled):
    rows = "".join(
        f"{number},{'' if number % 1000 == 7 else ' A' + str(number)},x,y,DEN\n" for number in range(20_000)
    )
    sampled.apply(extract(max_rejected=100), transform(), load(**{"from": "clean"}))
    sampled.put("in/a.csv", f"{HEADER}\n{rows}".encode())

    ran = sampled.run()

    assert ran["tasks"][0]["rows"]["rejected"] == 20
    assert loaded(ran) == {"people": (19_980, 0, 0)}
    assert sampled.rows(columns="count(*), count(DISTINCT email), min(email), min(site)") == [
        (19_980, 19_980, "a0", "Denver")
    ]


def test_a_changed_transform_checks_held_files_again(sampled):
    sampled.apply(extract(max_rejected=0), transform(), load(**{"from": "clean"}))
    sampled.put("in/a.csv", FILE)
    held = sampled.run()
    wider = {**CLEAN, "email": {"from": "email", "steps": ["trim"]}}
    sampled.apply(extract(max_rejected=0), transform(wider), load(**{"from": "clean"}))

    ran = sampled.run()

    assert (held["exit"], ran["exit"], counts(ran)) == (3, 0, {"found": 1, "loaded": 1})
    assert sampled.rows(columns="id, email")[1] == ("2", "")
    check(sampled)


def mend(path, **cells):
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        sheet = csv.DictWriter(file, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(row | cells for row in rows)
