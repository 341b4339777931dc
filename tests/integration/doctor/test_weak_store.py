"""rclone serves S3 and knows no preconditions: it is seen through, and its objects are not risked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

import rclone
from bucketlift.bootstrap import open_app
from bucketlift.model.source import Honoured, Place, Precondition
from bucketlift.service.accounts import doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.service.files import decisions
from bucketlift.service.projects import projects
from bucketlift.service.runs import runs
from bucketlift.settings import Settings
from integration.doctor.conftest import short

pytestmark = pytest.mark.slow

BODY = b"id,name\n1,Ann\n2,Bob\n"
IGNORED = dict.fromkeys(("delete", "copy source", "copy create", "part source", "part create"), "ignored")
ASKED = AccountUse(bucket="drop", prefix="in/", after_import="move", archive="archive", archive_prefix="old/")


@pytest.fixture
def weak(tmp_path: Path) -> Iterator[rclone.Rclone]:
    (tmp_path / "store" / "archive").mkdir(parents=True)
    with rclone.serving(tmp_path / "store") as server:
        server.put("drop", "in/a.csv", BODY)
        yield server


class Lab:
    """An installation whose account ``lab`` reaches the weak store."""

    def __init__(self, root: Path, server: rclone.Rclone) -> None:
        self.root = root
        self.server = server
        for name, value in (("access", rclone.ACCESS_KEY), ("secret", rclone.SECRET_KEY)):
            (root / name).write_text(value)
        (root / "sample.csv").write_text("id,name\n1,sample\n")

    def app(self) -> Any:
        return open_app(Settings(home=self.root / "home"))

    def apply(self, *, accept_weak_store: bool = False) -> None:
        account = {
            "kind": "s3-compatible",
            "endpoint_url": self.server.url,
            "access_key": {"file": "access"},
            "secret_key": {"file": "secret"},
            "accept_weak_store": accept_weak_store,
        }
        told = {"kind": "s3", "account": "lab", "bucket": "drop", "prefix": "in/", "sample": "sample.csv"}
        tasks = [
            {"id": "files", "extract": {**told, "after_import": "delete"}},
            {"id": "people", "load": {"from": "files", "to": "warehouse", "table": "people"}},
        ]
        document = {
            "version": 1,
            "project": "lab",
            "accounts": {"lab": account},
            "destinations": {"warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"}},
            "workflows": {"w": {"tasks": tasks}},
        }
        path = self.root / "lab.yaml"
        path.write_text(json.dumps(document))
        with self.app() as app:
            projects.apply(app, projects.plan(app, [path]), prune=False)

    def run(self) -> dict[str, Any]:
        with self.app() as app:
            ended = runs.start(app, "w")
            return {**runs.shown(ended), "exit": runs.exit_code(ended)}

    def rows(self) -> list[tuple[str, str]]:
        with duckdb.connect(str(self.root / "warehouse.duckdb"), read_only=True) as connection:
            return connection.sql("select id, name from people order by id").fetchall()


@pytest.fixture
def lab(tmp_path: Path, weak: rclone.Rclone) -> Lab:
    made = Lab(tmp_path, weak)
    made.apply()
    return made


def test_the_doctor_sees_through_it_and_leaves_nothing_behind(lab: Lab) -> None:
    with lab.app() as app:
        report = doctor.examine(app, "lab", ASKED)
        remembered = app.ledger.probes.find(app.connections.store_id("lab"), "archive")

    assert (report.passed, short(report)) == (False, {**IGNORED, "tags read": "warning"})
    assert set(remembered.values()) == {Honoured.NO}
    assert lab.server.objects("drop") == {"in/a.csv": BODY}
    assert lab.server.objects("archive") == {}


def test_what_the_account_accepts_is_a_warning(lab: Lab) -> None:
    lab.apply(accept_weak_store=True)

    with lab.app() as app:
        report = doctor.examine(app, "lab", ASKED)

    assert (report.passed, set(short(report).values())) == (True, {"warning"})


def test_its_files_are_loaded_and_their_deletes_wait(lab: Lab) -> None:
    first, second = lab.run(), lab.run()

    (held,) = first["files"]
    assert (first["exit"], held["state"], held["reason"]) == (3, "action-held", "weak-store")
    assert (second["exit"], second["attention"]) == (0, 1)
    assert lab.rows() == [("1", "Ann"), ("2", "Bob")]
    assert lab.server.objects("drop") == {"in/a.csv": BODY}


def test_where_the_account_accepts_it_they_are_deleted(lab: Lab) -> None:
    held = lab.run()["files"][0]["id"]
    lab.apply(accept_weak_store=True)
    with lab.app() as app:
        decisions.decide(app, decisions.retry, [held])

    ran = lab.run()

    assert (ran["exit"], ran["attention"]) == (0, 0)
    assert lab.rows() == [("1", "Ann"), ("2", "Bob")]
    assert lab.server.objects("drop") == {}


def test_no_precondition_is_taken_for_honoured(lab: Lab) -> None:
    with lab.app() as app:
        (task,) = app.ledger.catalog.workflow("w").workflow.extracts
        store = app.connections.store("w", task)
        found = {store.probe(each, Place(bucket="drop", key="in/")) for each in Precondition}

    assert found == {Honoured.NO}
    assert lab.server.objects("drop") == {"in/a.csv": BODY}
