"""An installation with years behind it, written straight into the ledger: what a page must cope with."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database
from bucketlift.service.core.app import App
from bucketlift.service.projects import projects

COLUMNS = ["UniqueID", "FirstName", "LastName", "Email"]
NOW = datetime.now(UTC).replace(microsecond=0)
SIZE = 51_200
ROWS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Crowd:
    workflows: int = 200
    runs: int = 2_000
    held: int = 5_000
    loaded: int = 95_000

    def fill(self, app: App, folder: Path) -> None:
        file = folder / "crowd.yaml"
        file.write_text(json.dumps(self._project()))
        projects.apply(app, projects.plan(app, [file]), prune=False)
        _insert(
            app.ledger.database, tables.source_objects, [self._source(each) for each in range(self._files)]
        )
        _insert(app.ledger.database, tables.claims, [self._claim(each) for each in range(self._files)])
        _insert(app.ledger.database, tables.runs, [self._run(each) for each in range(self.runs)])
        _insert(app.ledger.database, tables.manifests, [self._member(each) for each in range(self._files)])

    @property
    def _files(self) -> int:
        return self.held + self.loaded

    def _workflow(self, number: int) -> str:
        return f"flow-{number % self.workflows:04d}"

    def _project(self) -> dict[str, Any]:
        arn = "arn:aws:iam::111122223333:role/bucketlift"
        return {
            "version": 1,
            "project": "crowd",
            "accounts": {"acme": {"kind": "aws-role", "role_arn": arn, "region": "us-east-1"}},
            "destinations": {"warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"}},
            "workflows": {self._workflow(each): _flow(each) for each in range(self.workflows)},
        }

    def _source(self, number: int) -> dict[str, Any]:
        return {
            "id": number + 1,
            "store": "aws",
            "bucket": "hr-drop",
            "key": f"{self._workflow(number)}/{number:06d}.csv",
            "occurrence": 1,
            "etag": f"{number:032x}",
            "size": SIZE,
            "modified": NOW - timedelta(minutes=number),
            "found_at": NOW - timedelta(minutes=number),
        }

    def _claim(self, number: int) -> dict[str, Any]:
        held = number < self.held
        return {
            "id": f"{number:016x}",
            "source": number + 1,
            "workflow": self._workflow(number),
            "task": "files",
            "state": "held" if held else "done",
            "reason": ("too-many-rejects", "missing-column", "repeat")[number % 3] if held else None,
            "what": "15 of 500 records are rejects; max_rejected allows 1 %" if held else None,
            "hint": "Mend them, or accept the file without them." if held else None,
            "rows": 0 if held else ROWS,
            "rejected": 15 if held else 0,
            "run": f"run-{number % self.runs:06d}",
            "loaded_at": None if held else NOW - timedelta(minutes=number),
            "updated_at": NOW - timedelta(minutes=number),
        }

    def _run(self, number: int) -> dict[str, Any]:
        at = NOW - timedelta(minutes=20 * number)
        state = "failed" if number % 17 == 0 else "succeeded"
        with_issues = state == "succeeded" and number % 5 == 0
        outcome = "succeeded_with_issues" if with_issues else state
        return {
            "id": f"run-{number:06d}",
            "workflow": self._workflow(number),
            "version": 1,
            "trigger": "demand" if number % 5 else f"schedule {at:%Y-%m-%dT%H:%M:%S+00:00}",
            "state": state,
            "outcome": outcome,
            "newly_held": 2 if outcome == "succeeded_with_issues" else 0,
            "document": _document(number, self._workflow(number), state, at),
            "files": 10,
            "rows": 10 * ROWS,
            "usual_rows": 10 * ROWS,
            "unusual": number % 89 == 0,
            "noticed": True,
            "followed": True,
            "asked_at": at,
            "started_at": at,
            "finished_at": at + timedelta(minutes=3),
        }

    def _member(self, number: int) -> dict[str, Any]:
        return {
            "run": f"run-{number % self.runs:06d}",
            "task": "files",
            "claim": f"{number:016x}",
            "position": number // self.runs,
            "batch": 0,
            "again": False,
            "staged": False,
        }


def _flow(number: int) -> dict[str, Any]:
    extract = {
        "kind": "s3",
        "account": "acme",
        "bucket": "hr-drop",
        "prefix": f"flow-{number:04d}/",
        "columns": COLUMNS,
        "after_import": "delete",
    }
    return {
        "title": f"Employees of site {number}",
        "tags": ["payroll" if number % 3 else "surveys"],
        "expected": {"every": "weekday", "at": "08:00", "timezone": "America/Denver"},
        "triggers": [{"schedule": {"cron": f"{number % 60} 2 * * *", "timezone": "America/Denver"}}],
        "tasks": [
            {"id": "files", "extract": extract},
            {"id": "people", "load": {"from": "files", "to": "warehouse", "table": f"site_{number}"}},
        ],
    }


def _document(number: int, workflow: str, state: str, at: datetime) -> dict[str, Any]:
    files = {"found": 12, "known": 40, "loaded": 10, "held": 2, "skipped": 0, "failed": 0, "gone": 0}
    rows = {"read": 11 * ROWS, "loaded": 10 * ROWS, "rejected": 0, "held": ROWS, "skipped": 0, "failed": 0}
    done = {"inserted": 10 * ROWS, "updated": 0, "unchanged": 0}
    return {
        "format": 1,
        "run": f"run-{number:06d}",
        "workflow": workflow,
        "trigger": "demand",
        "state": state,
        "attention": 2,
        "started_at": at.isoformat(),
        "finished_at": (at + timedelta(minutes=3)).isoformat(),
        "tasks": [
            {
                "id": "files",
                "state": state,
                "files": files | {"superseded": 0},
                "rows": rows,
                "bytes": SIZE * 12,
            },
            {"id": "people", "state": state, "destination": "warehouse", "table": "people", "rows": done},
        ],
        "files": [],
        "next": None,
    }


def _insert(database: Database, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    with database.writing() as connection:
        connection.execute(sa.insert(table), rows)
