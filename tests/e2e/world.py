"""A small world: a bucket, a role, a home, a workflow file, and what happened in it."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from bucketlift.bootstrap import open_app
from bucketlift.model.source import Precondition
from bucketlift.service.core.app import App
from bucketlift.service.files import decisions as file_decisions
from bucketlift.service.files import files as file_service
from bucketlift.service.projects import projects
from bucketlift.service.runs import runs
from bucketlift.settings import Settings
from bucketlift.testing.s3server import S3Server
from commands import Answered, command

EVERYTHING = ({"Effect": "Allow", "Action": "s3:*", "Resource": "*"},)
HEADER = "id,name"
COMMAND = Path(sys.executable).with_name("bucketlift")


def table_of(*rows: tuple[str, str], header: str = HEADER) -> bytes:
    """A file of two columns."""
    return "".join(f"{line}\n" for line in (header, *(",".join(row) for row in rows))).encode()


def extract(after_import: Any = "delete", **more: Any) -> dict[str, Any]:
    """The extract task ``files`` on ``drop/in/``."""
    told = {"kind": "s3", "account": "acme", "bucket": "drop", "prefix": "in/", "sample": "sample.csv"}
    return {"id": "files", "extract": {**told, "after_import": after_import, **more}}


def load(task: str = "people", mode: str = "append", **more: Any) -> dict[str, Any]:
    """A load of ``files`` into the table named as the task."""
    told: dict[str, Any] = {"from": "files", "to": "warehouse", "table": task, "mode": mode}
    if mode == "upsert":
        told["key"] = ["id"]
    return {"id": task, "load": {**told, **more}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Something the test put into a bucket."""

    bucket: str
    key: str
    body: bytes
    etag: str


@dataclass(kw_only=True)
class World:
    """One installation and the server that it reads from."""

    root: Path
    server: S3Server
    puts: list[Put] = field(default_factory=list)
    taken_away: list[Put] = field(default_factory=list)
    """What the test itself overwrote or deleted: nobody else may be blamed for its absence."""
    environment: dict[str, str] = field(default_factory=dict)

    @staticmethod
    def at(root: Path, *, weak: Collection[Precondition] = (), hides_missing: bool = False) -> World:
        server = S3Server(weak=weak, hides_missing=hides_missing)
        for bucket in ("drop", "archive"):
            server.make_bucket(bucket)
        (root / "sample.csv").write_text(f"{HEADER}\n1,sample\n")
        world = World(root=root, server=server)
        world.environment = {
            **server.environment,
            "AWS_CONFIG_FILE": "/nowhere",
            "AWS_SHARED_CREDENTIALS_FILE": "/nowhere",
            "AWS_EC2_METADATA_DISABLED": "true",
            "BUCKETLIFT_HOME": str(world.home),
        }
        return world

    @property
    def home(self) -> Path:
        return self.root / "home"

    @property
    def warehouse(self) -> Path:
        return self.root / "warehouse.duckdb"

    # What the owner of the bucket does

    def put(self, key: str, body: bytes, *, bucket: str = "drop", modified: datetime | None = None) -> None:
        self._gone(bucket, key)
        etag = self.server.put(bucket, key, body)
        if modified is not None:
            stored = self.server._backing.stored(bucket, key)
            assert stored is not None
            self.server._backing.restore(bucket, key, replace(stored, modified=modified))
        self.puts.append(Put(bucket=bucket, key=key, body=body, etag=etag))

    def delete(self, key: str, *, bucket: str = "drop") -> None:
        self._gone(bucket, key)
        self.server.delete(bucket, key)

    def _gone(self, bucket: str, key: str) -> None:
        body = self.server.objects(bucket).get(key)
        self.taken_away += [
            each for each in self.puts if (each.bucket, each.key, each.body) == (bucket, key, body)
        ]

    def grant(self, statements: Sequence[Mapping[str, Any]] = EVERYTHING) -> None:
        """The role as its owner makes it, with the external ID that the product shows."""
        with self.app() as app:
            settings = app.ledger.catalog.account("acme").settings
        self.server.make_role("bucketlift", settings.external_id, statements)  # type: ignore[union-attr] # a role's

    # What a person does

    def app(self) -> AbstractContextManager[App]:
        return open_app(Settings(home=self.home))

    def file(self, *tasks: dict[str, Any], name: str = "project.yaml", **more: Any) -> Path:
        """A workflow file; JSON is YAML. The tasks are those of workflow ``w``, others come by name."""
        flows = {"w": list(tasks)} if tasks else {}
        flows |= more.pop("workflows", {})
        document = {
            "version": 1,
            "project": "hr",
            "accounts": {"acme": self.account},
            "destinations": {"warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"}},
            "workflows": {
                key: {"tasks": flow} if isinstance(flow, list) else flow for key, flow in flows.items()
            },
            **more,
        }
        path = self.root / name
        path.write_text(json.dumps(document, ensure_ascii=False))
        return path

    @property
    def account(self) -> dict[str, Any]:
        arn = f"arn:aws:iam::{self.server.account}:role/bucketlift"
        return {"kind": "aws-role", "role_arn": arn, "region": "us-east-1"}

    def apply(
        self, *tasks: dict[str, Any], granted: Sequence[Mapping[str, Any]] = EVERYTHING, **more: Any
    ) -> None:
        path = self.file(*tasks, **more)
        with self.app() as app:
            projects.apply(app, projects.plan(app, [path]), prune=False)
        self.grant(granted)

    def run(self, workflow: str = "w") -> dict[str, Any]:
        """Run to the end in this process; the run's document with its exit code."""
        with self.app() as app:
            ended = runs.start(app, workflow)
            return {**runs.shown(ended), "exit": runs.exit_code(ended)}

    def look(self, workflow: str = "w") -> dict[str, Any]:
        with self.app() as app:
            return runs.look(app, workflow)

    def decide(self, what: str, *keys: str) -> None:
        """accept, retry, ignore or hold the newest occurrences of these keys."""
        with self.app() as app:
            newest = {claim.source.key: claim.id for claim in app.ledger.claims.find()}
            file_decisions.decide(app, getattr(file_decisions, what), [newest[key] for key in keys])

    def command(self, *arguments: str, stdin: str | io.StringIO = "") -> Answered:
        """The command, run in this process."""
        return command(arguments, self.whole_environment, self.root, stdin=stdin)

    def installed(self, *arguments: str) -> Answered:
        """The installed command in its own process: for what a process adds, such as its exit code."""
        ended = subprocess.run(
            [COMMAND, *arguments],
            env=self.whole_environment,
            cwd=self.root,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Answered(code=ended.returncode, out=ended.stdout, err=ended.stderr)

    @property
    def whole_environment(self) -> dict[str, str]:
        return {**os.environ, **self.environment}

    # What is there to see

    def files(self, workflow: str | None = None) -> list[dict[str, Any]]:
        """`files list`, as the service answers it."""
        with self.app() as app:
            return [
                file_service.shown(app, claim)
                for claim in file_service.find(app, workflow=workflow, states=(), limit=100_000, offset=0)
            ]

    def states(self, workflow: str | None = None) -> list[tuple[Any, ...]]:
        """Key, occurrence, state and reason of every file that the ledger knows."""
        told = self.files(workflow)
        return [(each["key"], each["occurrence"], each["state"], each["reason"]) for each in told]

    def keys(self, bucket: str = "drop") -> list[str]:
        return list(self.server.objects(bucket))

    def rows(self, table: str = "people", columns: str = HEADER) -> list[tuple[Any, ...]]:
        """Sorted rows of a table; none where it was never made."""
        if not self.warehouse.exists():
            return []
        with duckdb.connect(str(self.warehouse), read_only=True) as connection:
            try:
                found = connection.table(f'"{table}"').project(columns).fetchall()
            except duckdb.CatalogException:
                return []
        return sorted(found)

    def batches(self) -> int:
        """Units of work that the files of all runs were pinned in."""
        with closing(sqlite3.connect(self.home / "ledger.sqlite")) as ledger:
            (batches,) = ledger.execute("SELECT count(DISTINCT run || batch) FROM manifests").fetchone()
        return int(batches)


def rows_of(body: bytes) -> list[tuple[str, ...]]:
    """The data rows of a plain file, read by Python's own csv module."""
    return [tuple(row) for row in csv.reader(io.StringIO(body.decode("utf-8-sig"))) if row][1:]


def brief(document: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Key, state, rows and reason of each file in a run's document."""
    return [(each["key"], each["state"], each["rows"], each["reason"]) for each in document["files"]]


def counts(document: Mapping[str, Any], task: str = "files") -> dict[str, int]:
    """The counts of a run's extract task that are not zero."""
    (found,) = [each["files"] for each in document["tasks"] if each["id"] == task]
    return {word: count for word, count in found.items() if count}


def loaded(document: Mapping[str, Any]) -> dict[str, tuple[int, ...]]:
    """Per load task: rows inserted, updated and unchanged."""
    return {each["id"]: tuple(each["rows"].values()) for each in document["tasks"] if "table" in each}


def decisions(document: Mapping[str, Any]) -> dict[str, tuple[str, str]]:
    """What a dry run said of each key."""
    return {each["key"]: (each["decision"], each["reason"]) for each in document["files"]}


def sorted_rows(*bodies: bytes) -> list[tuple[str, ...]]:
    return sorted(row for body in bodies for row in rows_of(body))


def without(mapping: Mapping[str, Any], left_out: Iterable[str]) -> dict[str, Any]:
    return {key: value for key, value in mapping.items() if key not in set(left_out)}
