"""The command from outside: exit codes, one JSON document, a project's whole life."""

from __future__ import annotations

import json

import duckdb
import pytest

from e2e.checker import check
from e2e.world import extract, load, sorted_rows, table_of

ANN = table_of(("1", "Ann"))
BAD = b"id,name\n2\n"

pytestmark = pytest.mark.slow


def test_a_run_answers_to_the_letter_of_the_public_contract(world):
    world.apply(extract("delete"), load())
    world.put("in/a.csv", ANN)
    world.put("in/bad.csv", BAD)

    ran = world.installed("run", "w", "--json")

    document = ran.json
    taken, held = document["files"]
    known = {"run": document["run"], "started_at": document["started_at"]}
    assert (ran.code, document["run"] != "", document["started_at"] < document["finished_at"]) == (
        3,
        True,
        True,
    )
    assert document == {
        "format": 1,
        "workflow": "w",
        "trigger": "demand",
        "state": "succeeded",
        "outcome": "succeeded_with_issues",
        "attention": 1,
        **known,
        "finished_at": document["finished_at"],
        "tasks": [
            {
                "id": "files",
                "state": "succeeded",
                "files": {
                    "found": 2,
                    "known": 0,
                    "loaded": 1,
                    "held": 1,
                    "skipped": 0,
                    "failed": 0,
                    "gone": 0,
                    "superseded": 0,
                },
                "rows": {"read": 2, "loaded": 1, "rejected": 0, "held": 1, "skipped": 0, "failed": 0},
                "bytes": len(ANN) + len(BAD),
            },
            {
                "id": "people",
                "state": "succeeded",
                "destination": "warehouse",
                "table": "people",
                "rows": {"inserted": 1, "updated": 0, "unchanged": 0},
            },
        ],
        "files": [taken, held],
        "next": None,
    }
    assert {name: taken[name] for name in ("bucket", "key", "occurrence", "state", "rows", "rejected")} == {
        "bucket": "drop",
        "key": "in/a.csv",
        "occurrence": 1,
        "state": "done",
        "rows": 1,
        "rejected": 0,
    }
    assert (held["state"], held["reason"], held["moved_to"]) == ("held", "too-many-rejects", None)
    check(world, append=("people",), rejects=True)


def test_exit_codes_tell_done_failed_wrong_and_held(world):
    world.apply(extract("keep"), load())
    world.put("in/bad.csv", BAD)

    held, quiet = world.installed("run", "w", "--json"), world.installed("run", "w", "--json")
    dry, wrong = (
        world.installed("run", "w", "--dry-run", "--json"),
        world.installed("run", "nobody", "--json"),
    )
    world.grant([{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
    failed = world.installed("run", "w", "--json")

    assert [each.code for each in (held, quiet, dry, wrong, failed)] == [3, 0, 0, 2, 1]
    assert (dry.json["dry_run"], dry.json["files"][0]["decision"]) == (True, "held")
    assert set(wrong.json["error"]) == {"what", "to", "hint"}
    assert (failed.json["state"], set(failed.json["error"])) == ("failed", {"what", "to", "hint"})


def test_a_project_is_planned_applied_exported_and_pruned(world):
    path = world.file(extract("keep"), load())

    planned, applied = world.command("plan", str(path), "--json"), world.command("apply", str(path), "--json")
    external_id = world.command("accounts", "show", "acme", "--json").json["external_id"]
    exported = world.command("export", "--project", "hr")
    (world.root / "exported.yaml").write_text(exported.out)
    again = world.command("plan", str(world.root / "exported.yaml"), "--json")
    smaller = world.file(workflows={})
    listed = world.command("plan", str(smaller), "--json")
    world.command("apply", str(smaller))
    kept = world.command("workflows", "list", "--json")
    pruned = world.command("apply", str(smaller), "--prune", "--yes", "--json")
    world.command("apply", str(path))

    assert [each.code for each in (planned, applied, exported, again, listed, pruned)] == [0] * 6
    assert steps(planned) == {"acme": "create", "warehouse": "create", "w": "create"}
    assert set(steps(again).values()) == {"unchanged"}
    assert steps(listed)["w"] == "remove"
    assert "w" in kept.out
    assert world.command("accounts", "show", "acme", "--json").json["external_id"] == external_id


def steps(planned):
    return {each["name"]: each["change"] for each in planned.json["changes"]}


def test_one_shot_load_takes_what_is_new_and_only_once(world):
    world.apply(extract("keep"), load())
    world.put("in/a.csv", ANN)
    told = ("load", "s3://drop/in/", "--into", "duckdb:shot.duckdb", "--table", "shot", "--json")

    first = world.command(*told)
    world.put("in/b.csv", table_of(("2", "Bob")))
    second, third = world.command(*told), world.command(*told)

    assert [each.code for each in (first, second, third)] == [0, 0, 0]
    assert [each.json["tasks"][0]["files"]["loaded"] for each in (first, second, third)] == [1, 1, 0]
    with duckdb.connect(str(world.root / "shot.duckdb"), read_only=True) as connection:
        rows = connection.table("shot").project("id, name").order("id").fetchall()
    assert rows == sorted_rows(ANN, table_of(("2", "Bob")))


def test_one_shot_load_reads_other_dialects_in_the_words_of_a_file(world):
    world.apply(workflows={})
    world.put("in/a.csv", "made by hand\nid;name\n1;'Jos\u00e9; jr'\n2\n".encode("cp1252"))
    told = ("load", "s3://drop/in/", "--into", "warehouse", "--table", "people", "--json")
    dialect = ("--delimiter", ";", "--quote", "'", "--encoding", "cp1252", "--skip-lines", "1")

    first = world.command(*told)
    held = world.command(*told, *dialect)
    loaded = world.command(*told, *dialect, "--max-rejected", "50%")
    again = world.command(*told, *dialect, "--max-rejected", "50%")

    assert [each.code for each in (first, held, loaded, again)] == [2, 3, 0, 0]
    assert [each.json["tasks"][0]["files"]["loaded"] for each in (held, loaded, again)] == [0, 1, 0]
    assert world.rows() == [("1", "Jos\u00e9; jr")]


def test_a_mark_that_cannot_be_used_is_refused_before_anything_is_touched(world):
    world.apply(workflows={})
    told = ("load", "s3://drop/in/", "--into", "warehouse", "--table", "people", "--json")

    answers = [
        world.command(*told, *option)
        for option in (
            ("--escape", "ab"),
            ("--quote", ","),
            ("--encoding", "utf-7"),
            ("--skip-lines", "-1"),
            ("--max-rejected", "many"),
        )
    ]

    assert [each.code for each in answers] == [2] * 5
    assert [each.json["error"]["what"] for each in answers] == [
        "`escape` is not valid",
        "The delimiter and the quote are the same character",
        "`encoding: utf-7`: Files cannot be read as utf-7: its bytes can be read in two ways",
        "`skip_lines` must be at least 0",
        "This is not a valid limit of rejected rows (`max_rejected`)",
    ]


def test_a_secret_is_in_no_answer_and_not_in_the_ledger(world):
    secret = world.server.secret_key
    store = {
        "kind": "s3-compatible",
        "endpoint_url": world.server.url,
        "access_key": {"env": "LAB_KEY"},
        "secret_key": {"env": "LAB_SECRET"},
    }
    world.environment |= {"LAB_KEY": world.server.access_key, "LAB_SECRET": secret}
    path = world.file(extract("delete"), load(), accounts={"acme": store})
    world.put("in/a.csv", ANN)

    answers = [
        world.command("apply", str(path)),
        world.command("run", "w", "--dry-run"),
        world.command("run", "w", "--json"),
        world.command("accounts", "show", "acme", "--json"),
        world.command("export", "--project", "hr"),
    ]
    world.environment["LAB_SECRET"] = "another-secret-that-is-wrong"
    wrong = world.command("run", "w", "--json")

    assert [each.code for each in (*answers, wrong)] == [0, 0, 0, 0, 0, 1]
    told = json.dumps([(each.out, each.err) for each in (*answers, wrong)])
    assert [word for word in (secret, "another-secret-that-is-wrong") if word in told] == []
    assert (world.rows(), world.keys()) == (sorted_rows(ANN), [])
    check(world, append=("people",))
