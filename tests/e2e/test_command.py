"""What the command answers: its exit codes, and one document on stdout."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from bucketlift.cli.entry import globals_first, run

GOOD = """\
version: 1
project: hr
accounts: {lab: {kind: s3-compatible, endpoint_url: "http://127.0.0.1:9", access_key: {env: K}, secret_key: {env: S}}}
destinations: {warehouse: {kind: duckdb, path: warehouse.duckdb}}
workflows:
  nightly:
    tasks:
      - {id: files, extract: {kind: s3, account: lab, bucket: drop, sample: people.csv, after_import: keep}}
      - {id: people, load: {from: files, to: warehouse, table: people}}
"""


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("BUCKETLIFT_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "people.csv").write_text("id,name\n1,Ada\n")
    (tmp_path / "hr.yaml").write_text(GOOD)
    return tmp_path


@pytest.fixture
def answer(capsys):
    """Run a command with --json: its exit code and its one document."""

    def run_it(*arguments: str):
        code = run([*arguments, "--json"])
        return code, json.loads(capsys.readouterr().out)

    return run_it


def test_json_may_be_asked_for_anywhere_but_behind_two_hyphens():
    moved = globals_first(["run", "--log-format", "json", "nightly", "--json", "--", "--json"])

    assert moved == ["--log-format", "json", "--json", "run", "nightly", "--", "--json"]


def test_a_good_file_is_valid_without_state_or_network(folder, answer):
    assert answer("validate", "hr.yaml") == (
        0,
        {
            "valid": True,
            "files": [{"file": "hr.yaml", "project": "hr", "workflows": ["nightly"], "notes": []}],
        },
    )
    assert not (folder / "home").exists()


def test_a_misspelt_key_is_told_with_its_line_and_the_nearest_one(folder, answer):
    (folder / "hr.yaml").write_text(GOOD.replace("after_import", "after_imprt"))

    code, document = answer("validate", "hr.yaml")

    assert code == 2
    assert document["error"]["what"] == "unknown key `after_imprt`"
    assert "hr.yaml line 8" in document["error"]["to"]
    assert document["error"]["hint"] == "Did you mean `after_import`?"


def test_applying_creates_once_and_changes_nothing_the_second_time(folder, answer):
    _, first = answer("apply", "hr.yaml")
    _, second = answer("apply", "hr.yaml")

    assert [change["change"] for change in first["changes"]] == ["create"] * 3
    assert [change["change"] for change in second["changes"]] == ["unchanged"] * 3


def test_planning_writes_nothing(folder, answer):
    answer("plan", "hr.yaml")

    assert answer("workflows", "list") == (0, {"workflows": []})


def test_what_a_file_no_longer_names_stays_until_it_is_pruned(folder, answer):
    answer("apply", "hr.yaml")
    (folder / "hr.yaml").write_text("version: 1\nproject: hr\nworkflows: {}\n")

    _, planned = answer("apply", "hr.yaml")
    kept = answer("workflows", "list")[1]["workflows"]
    refused, _ = answer("apply", "hr.yaml", "--prune")
    pruned, _ = answer("apply", "hr.yaml", "--prune", "--yes")

    assert [change["change"] for change in planned["changes"]] == ["remove"] * 3
    assert [workflow["key"] for workflow in kept] == ["nightly"]
    assert (refused, pruned) == (2, 0)
    assert answer("workflows", "list")[1] == {"workflows": []}


def test_a_name_that_another_project_owns_is_refused(folder, answer):
    answer("apply", "hr.yaml")
    (folder / "other.yaml").write_text(GOOD.replace("project: hr", "project: other"))

    code, document = answer("apply", "other.yaml")

    assert code == 2
    assert document["error"]["what"] == "This account belongs to project hr"


def test_an_exported_project_plans_as_unchanged(folder, answer, capsys):
    answer("apply", "hr.yaml")
    run(["export", "--project", "hr"])
    (folder / "again.yaml").write_text(capsys.readouterr().out)

    _, planned = answer("plan", "again.yaml")

    assert [change["change"] for change in planned["changes"]] == ["unchanged"] * 3


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "nowhere"],
        ["runs", "show", "nowhere"],
        ["files", "show", "nowhere"],
        ["files", "accept", "nowhere"],
        ["rejects", "list", "nowhere"],
        ["accounts", "show", "nowhere"],
        ["destinations", "show", "nowhere"],
        ["workflows", "show", "nowhere"],
        ["workflows", "enable", "nowhere"],
        ["export", "--project", "nowhere"],
        ["validate", "nowhere.yaml"],
        ["load", "not-an-address", "--into", "x", "--table", "t"],
        ["load", "s3://drop/in", "--into", "duckdb:x.duckdb", "--table", "t"],
        ["runs", "list", "--limit", "none"],
        ["no-such-command"],
        ["run"],
    ],
)
def test_a_wrong_request_ends_with_2_and_says_what_and_what_to_do(folder, answer, arguments):
    code, document = answer(*arguments)

    assert code == 2
    assert list(document) == ["error"]
    assert list(document["error"]) == ["what", "to", "hint"]
    assert document["error"]["what"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["serve"],
        ["worker"],
        ["check", "a.csv", "--sample", "b.csv"],
        ["verify", "nightly"],
        ["runs", "retry", "r"],
        ["runs", "cancel", "r"],
        ["runs", "logs", "r"],
        ["files", "unload", "f"],
        ["files", "reload", "f"],
        ["rejects", "replay", "f", "mended.csv"],
        ["accounts", "doctor", "acme"],
        ["destinations", "doctor", "warehouse"],
        ["secrets", "rotate"],
        ["keys", "list"],
        ["users", "add", "somebody"],
        ["tokens", "list"],
        ["db", "backup"],
        ["run", "nightly", "--no-wait"],
    ],
)
def test_what_this_version_does_not_have_says_so(folder, answer, arguments):
    code, document = answer(*arguments)

    assert code == 2
    assert "this version" in document["error"]["what"]


def test_an_account_by_hand_shows_no_secret_and_keeps_none_in_clear(folder, answer, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.StringIO("canary-access\ncanary-secret\n"))

    code, made = answer(
        "accounts", "add", "lab", "--kind", "s3-compatible", "--endpoint-url", "http://127.0.0.1:9"
    )

    assert code == 0
    assert made["access_key"] == {"secret": "lab-access-key"}
    assert answer("accounts", "show", "lab") == (0, made)
    for path in (folder / "home").iterdir():
        assert not path.is_file() or b"canary" not in path.read_bytes()


def test_a_role_gets_an_external_id_that_no_client_can_choose(folder, answer):
    role = "arn:aws:iam::111122223333:role/bucketlift"

    _, made = answer("accounts", "add", "acme", "--kind", "aws-role", "--role-arn", role)
    refused, document = answer("accounts", "add", "acme", "--kind", "aws-role", "--role-arn", role)

    assert len(made["external_id"]) >= 32
    assert refused == 2
    assert document["error"]["what"] == "There is an account of this name already, made by hand"


def test_a_home_that_cannot_be_made_is_a_wrong_request(folder, answer, monkeypatch):
    (folder / "file").write_text("")
    monkeypatch.setenv("BUCKETLIFT_HOME", str(folder / "file" / "home"))

    code, document = answer("workflows", "list")

    assert code == 2
    assert document["error"]["what"] == "The home cannot be made (Not a directory)"


def test_a_ledger_that_is_none_is_left_as_it_is(folder, answer):
    (folder / "home").mkdir()
    (folder / "home" / "ledger.sqlite").write_bytes(b"this is no database, but it is somebody's" * 50)
    before = (folder / "home" / "ledger.sqlite").read_bytes()

    code, document = answer("workflows", "list")

    assert code == 2
    assert document["error"]["what"] == "The ledger cannot be opened (file is not a database)"
    assert (folder / "home" / "ledger.sqlite").read_bytes() == before


def test_init_makes_an_example_that_is_valid_and_overwrites_nothing(folder, answer):
    first, made = answer("init", "new")
    second, document = answer("init", "new")

    assert (first, second) == (0, 2)
    assert answer("validate", made["file"])[0] == 0
    assert document["error"]["what"] == "There is a file already, and it is not overwritten"


def test_the_schema_is_a_json_schema_that_knows_the_top_keys(folder, answer):
    code, schema = answer("schema")

    assert code == 0
    assert {"version", "project", "accounts", "destinations", "workflows"} <= set(schema["properties"])


def test_an_unreachable_store_fails_the_run_and_says_so(folder, answer, monkeypatch):
    monkeypatch.setenv("K", "access")
    monkeypatch.setenv("S", "canary-secret")
    answer("apply", "hr.yaml")

    code, document = answer("run", "nightly")

    assert code == 1
    assert (document["state"], document["tasks"][0]["state"]) == ("failed", "failed")
    assert "canary" not in json.dumps(document)
    assert document["error"]["what"]
