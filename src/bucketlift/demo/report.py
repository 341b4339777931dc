"""What a demo shows: looked up in the ledger, in the buckets and in the tables, after the runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.demo.object_outcome import Became, Buckets, became
from bucketlift.demo.project import PROJECT
from bucketlift.errors import OurFault
from bucketlift.model.account import DuckdbDestination
from bucketlift.model.claim import Claim
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.service.core.app import App

_LOADED = frozenset({Became.DELETED, Became.MOVED, Became.RENAMED, Became.KEPT})
WORDS = ("inserted", "updated", "unchanged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A loaded table: its rows now, and what this demo's runs did to it."""

    workflow: str
    name: str
    mode: str
    path: Path
    rows: int
    done: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest occurrence of a key, and what became of the object."""

    claim: Claim
    became: Became


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    tables: tuple[Table, ...]
    files: tuple[Seen, ...]
    runs: tuple[dict[str, Any], ...]
    """The runs' own answers."""

    @property
    def nothing_new(self) -> bool:
        """Whether the runs found no file that they did not know."""
        found = (task["files"]["found"] for run in self.runs for task in run["tasks"] if "files" in task)
        return not any(found)

    @property
    def waiting(self) -> tuple[Seen, ...]:
        return tuple(each for each in self.files if each.became is Became.HELD)

    @property
    def with_rejects(self) -> tuple[Seen, ...]:
        """Loaded files some of whose rows were rejected."""
        return tuple(each for each in self.files if each.claim.rejected and each.became in _LOADED)


def workflows(app: App) -> tuple[Workflow, ...]:
    return tuple(each for each in app.ledger.catalog.all() if each.project == PROJECT)


def look(app: App, runs: Sequence[dict[str, Any]], buckets: Buckets) -> Report:
    flows = workflows(app)
    done: Counter[tuple[str, str, str]] = Counter()
    for run in runs:
        for task in run["tasks"]:
            for word, count in task["rows"].items() if "table" in task else ():
                done[run["workflow"], task["id"], word] += count
    tables = [_table(app, flow, load, done) for flow in flows for load in flow.loads]
    files = [seen for flow in flows for seen in _files(app, flow, buckets)]
    return Report(tables=tuple(tables), files=tuple(files), runs=tuple(runs))


def _table(app: App, flow: Workflow, load: LoadTask, done: Counter[tuple[str, str, str]]) -> Table:
    path = _file(app, load.destination)
    return Table(
        workflow=flow.key,
        name=load.target.table,
        mode=load.target.mode.value,
        path=path,
        rows=rows_in(path, load.target.table),
        done={word: done[flow.key, load.id, word] for word in WORDS},
    )


def _file(app: App, destination: str) -> Path:
    settings = app.ledger.catalog.destination(destination).settings
    if not isinstance(settings, DuckdbDestination):
        raise OurFault("The demo's tables are in DuckDB, and this destination is not", to=destination)
    return Path(settings.path)


def rows_in(path: Path, table: str) -> int:
    """Rows of a table now; 0 where it was not made yet."""
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


def _files(app: App, flow: Workflow, buckets: Buckets) -> list[Seen]:
    newest: dict[tuple[str, str, str], Claim] = {}
    for claim in app.ledger.claims.find(workflow=flow.key, limit=100_000):
        newest[claim.task, claim.source.bucket, claim.source.key] = claim
    actions = {task.id: task.after_import for task in flow.extracts}
    return [
        Seen(claim=claim, became=became(claim, actions[claim.task], buckets))
        for claim in newest.values()
        if claim.task in actions
    ]
