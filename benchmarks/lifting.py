"""Bucketlift as a contender: the installed command, a workflow with a contract, receipts and an action."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import counting
from benchmarks.contender import Contender, Prepared
from benchmarks.employees import Data
from benchmarks.measuring import Measured
from benchmarks.scene import Scene
from benchmarks.serving import BUCKET, REGION, Server

COMMAND = Path(sys.executable).with_name("bucketlift")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lift:
    """What is lifted where. ``before`` runs with the installation before the clock starts."""

    data: Data
    to: str = "duckdb"
    mode: str = "append"
    after_import: str = "delete"
    sample: Path | None = None
    extract: dict[str, Any] | None = None
    before: Callable[[Path, dict[str, str]], None] | None = None


def bucketlift(scene: Scene, lift: Lift, name: str = "Bucketlift") -> Contender:
    return Contender(
        name=name,
        prepare=lambda folder: _ready(scene, lift, folder),
        version=told,
        ours=True,
        rows=lift.data.rows,
        amount=lift.data.bytes if lift.data.files == 1 else lift.data.files,
    )


def told() -> str:
    return f"bucketlift {version('bucketlift')} (duckdb {version('duckdb')}, pyarrow {version('pyarrow')})"


def _ready(scene: Scene, lift: Lift, folder: Path) -> Prepared:
    server = scene.s3(lift.data)
    destination, rows = _destination(scene, lift.to, folder)
    environment = installation(scene, server, folder)
    if lift.before is not None:
        lift.before(folder, environment)
    task = extract(lift.sample or scene.sample, lift.after_import, **(lift.extract or {}))
    apply(scene, folder, environment, server, destination, task, lift.mode)
    return Prepared(
        command=[COMMAND, "run", "lift", "--json"],
        environment=environment,
        rows=lambda measured: _agreed(measured, rows(), lift.data.bad),
    )


def _destination(scene: Scene, kind: str, folder: Path) -> tuple[dict[str, Any], Callable[[], int]]:
    if kind == "postgresql":
        url = scene.postgresql.database()
        (folder / "url").write_text(url)
        (folder / "url").chmod(0o600)
        told: dict[str, Any] = {"url": {"file": str(folder / "url")}}
        return {"kind": kind, **told}, lambda: counting.in_postgresql(url)
    path = folder / f"employees.{kind}"
    count = counting.in_duckdb if kind == "duckdb" else counting.in_sqlite
    return {"kind": kind, "path": str(path)}, lambda: count(path)


def installation(scene: Scene, server: Server, folder: Path) -> dict[str, str]:
    return {**scene.environment, **server.environment, "BUCKETLIFT_HOME": str(folder / "home")}


def extract(sample: Path, after_import: str, **more: Any) -> dict[str, Any]:
    told = {"kind": "s3", "account": "store", "bucket": BUCKET, "prefix": "in/", "sample": str(sample)}
    return {**told, "after_import": after_import, **more}


def apply(
    scene: Scene,
    folder: Path,
    environment: dict[str, str],
    server: Server,
    destination: dict[str, Any],
    task: dict[str, Any],
    mode: str = "append",
) -> None:
    """Publish the workflow ``lift``."""
    load: dict[str, Any] = {"from": "files", "to": "warehouse", "table": "employees", "mode": mode}
    if mode == "upsert":
        load["key"] = ["UniqueID"]
    document = {
        "version": 1,
        "project": "bench",
        "accounts": {
            "store": {
                "kind": "s3-compatible",
                "endpoint_url": server.url,
                "region": REGION,
                "access_key": {"env": "AWS_ACCESS_KEY_ID"},
                "secret_key": {"env": "AWS_SECRET_ACCESS_KEY"},
            }
        },
        "destinations": {"warehouse": destination},
        "workflows": {
            "lift": {"tasks": [{"id": "files", "extract": task}, {"id": "employees", "load": load}]}
        },
    }
    file = folder / "project.yaml"
    file.write_text(json.dumps(document))
    scene.prepare([COMMAND, "apply", file, "--yes"], folder, environment)


def _agreed(measured: Measured, rows: int, bad: int) -> int:
    """The rows in the table.

    Raises:
        ValueError: the run's own answer says something else, or other rejects than the data has.
    """
    tasks = {task["id"]: task for task in json.loads(measured.out)["tasks"]}
    said, rejected = tasks["employees"]["rows"]["inserted"], tasks["files"]["rows"]["rejected"]
    if (said, rejected) != (rows, bad):
        raise ValueError(f"{said:,} rows told and {rows:,} found; {rejected:,} rejects, {bad:,} in the data")
    return rows
