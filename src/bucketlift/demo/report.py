"""The demo's report, read from the ledger, the buckets and the tables after the runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.demo.object_outcome import Buckets, Outcome, outcome_of
from bucketlift.demo.project import PROJECT
from bucketlift.errors import OurFault
from bucketlift.model.account import DirectoryDestination, DuckdbDestination
from bucketlift.model.claim import Claim
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.service.core.app import App

_LOADED = frozenset({Outcome.DELETED, Outcome.MOVED, Outcome.RENAMED, Outcome.KEPT})
COUNTS = ("inserted", "updated", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A loaded table, or one kind of people in a directory: its number of rows now, and the number of rows that this
    demo's runs changed.
    """

    workflow: str
    name: str
    mode: str
    path: Path
    rows: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class ObjectReport:
    """The newest occurrence of a key, and what happened to its object."""

    claim: Claim
    outcome: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    tables: tuple[Table, ...]
    objects: tuple[ObjectReport, ...]
    runs: tuple[dict[str, Any], ...]
    """The summaries of the runs."""

    @property
    def nothing_new(self) -> bool:
        """Whether the runs found no new file."""
        found = (task["files"]["found"] for run in self.runs for task in run["tasks"] if "files" in task)
        return not any(found)

    @property
    def held(self) -> tuple[ObjectReport, ...]:
        return tuple(each for each in self.objects if each.outcome is Outcome.HELD)

    @property
    def with_rejects(self) -> tuple[ObjectReport, ...]:
        """The loaded files that have rejects."""
        return tuple(each for each in self.objects if each.claim.rejected and each.outcome in _LOADED)


def workflows(app: App) -> tuple[Workflow, ...]:
    return tuple(each for each in app.ledger.catalog.all() if each.project == PROJECT)


def report_on(app: App, runs: Sequence[dict[str, Any]], buckets: Buckets) -> Report:
    flows = workflows(app)
    done: Counter[tuple[str, str, str]] = Counter()
    for run in runs:
        for task in run["tasks"]:
            for word, count in task["rows"].items() if "table" in task else ():
                done[run["workflow"], task["id"], word] += count
    tables = [_table(app, flow, load, done) for flow in flows for load in flow.loads]
    objects = [each for flow in flows for each in _objects(app, flow, buckets)]
    return Report(tables=tuple(tables), objects=tuple(objects), runs=tuple(runs))


def _table(app: App, flow: Workflow, load: LoadTask, done: Counter[tuple[str, str, str]]) -> Table:
    settings, kind = app.ledger.catalog.destination(load.destination).settings, load.target.table
    match settings:
        case DuckdbDestination():
            name, rows = kind, rows_in(Path(settings.path), kind)
        case DirectoryDestination():
            name = f"{load.destination}.{kind}"
            rows = app.connections.directory(load.destination).counts()[kind]
        case _:
            raise OurFault("The demo needs a DuckDB database or a directory", to=load.destination)
    return Table(
        workflow=flow.key,
        name=name,
        mode=load.target.mode.value,
        path=Path(settings.path or ""),
        rows=rows,
        counts={word: done[flow.key, load.id, word] for word in COUNTS},
    )


def rows_in(path: Path, table: str) -> int:
    """Count the rows of a table; 0 if it does not exist yet."""
    import duckdb  # noqa: PLC0415 - slow to import

    if not path.exists():
        return 0
    with duckdb.connect(str(path), read_only=True) as connection:
        known = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'main' and table_name = ?", [table]
        ).fetchall()
        if known == [(0,)]:
            return 0
        [[rows]] = connection.table(f'"{table.replace(chr(34), chr(34) * 2)}"').count("*").fetchall()
        return int(rows)


def _objects(app: App, flow: Workflow, buckets: Buckets) -> list[ObjectReport]:
    newest: dict[tuple[str, str, str], Claim] = {}
    for claim in app.ledger.claims.find(workflow=flow.key, limit=100_000):
        newest[claim.task, claim.source.bucket, claim.source.key] = claim
    actions = {task.id: task.after_import for task in flow.extracts}
    return [
        ObjectReport(claim=claim, outcome=outcome_of(claim, actions[claim.task], buckets))
        for claim in newest.values()
        if claim.task in actions
    ]
