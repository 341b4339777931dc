"""The others as contenders: peers as their users run them, and the fastest plain tool of each destination."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import counting
from benchmarks.contender import Contender, Prepared
from benchmarks.employees import FIELDS, Data
from benchmarks.peers import PROGRAMS
from benchmarks.postgresql import psql
from benchmarks.scene import Scene
from benchmarks.serving import BUCKET
from bucketlift.loaders.duckdb.memory import memory_for


def duckdb_alone(scene: Scene, data: Data) -> Contender:
    """The very DuckDB that Bucketlift uses, with the settings of its loader, from a local file."""

    def ready(folder: Path) -> Prepared:
        place = folder / "employees.duckdb"
        command: list[str | Path] = [
            sys.executable,
            PROGRAMS / "with_duckdb.py",
            data.path,
            place,
            f"{memory_for(len(FIELDS))}MB",
        ]
        return Prepared(
            command=command, environment=scene.environment, rows=lambda _: counting.in_duckdb(place)
        )

    return _of(data, "DuckDB alone, local file", ready, lambda: f"duckdb {version('duckdb')}")


def psql_copy(scene: Scene, data: Data) -> Contender:
    def ready(folder: Path) -> Prepared:
        url = scene.postgresql.database()
        columns = ", ".join(f'"{field}" text' for field in FIELDS)
        script = folder / "load.sql"
        script.write_text(
            f"CREATE TABLE employees ({columns});\n\\copy employees FROM '{data.path}' (FORMAT csv, HEADER true)\n"
        )
        command: list[str | Path] = [psql(), "--no-psqlrc", "--set=ON_ERROR_STOP=1", "--file", script, url]
        return Prepared(
            command=command, environment=scene.environment, rows=lambda _: counting.in_postgresql(url)
        )

    return _of(
        data,
        "psql \\copy, local file",
        ready,
        lambda: f"{_first_line(psql(), '--version')}, {scene.postgresql.version}",
    )


def dlt(scene: Scene, data: Data, to: str) -> Contender:
    def ready(folder: Path) -> Prepared:
        python = scene.environment_of("dlt").python
        place, rows = _place(scene, folder, to, "bench.employees")
        # It wants a password and a host; the server asks for none, and the socket in the query comes first.
        place = place.replace("postgres:@/", "postgres:none@localhost/", 1)
        return Prepared(
            command=[python, PROGRAMS / "with_dlt.py", to, place],
            environment=_client(scene, data),
            rows=lambda _: rows(),
        )

    return _of(data, "dlt", ready, lambda: scene.environment_of("dlt").version)


def pandas(scene: Scene, data: Data, to: str) -> Contender:
    return _program(scene, data, to, "pandas", "pandas to_sql")


def polars(scene: Scene, data: Data, to: str) -> Contender:
    return _program(scene, data, to, "polars", "polars")


def _program(scene: Scene, data: Data, to: str, peer: str, name: str) -> Contender:
    def ready(folder: Path) -> Prepared:
        python = scene.environment_of(peer).python
        place, rows = _place(scene, folder, to)
        return Prepared(
            command=[python, PROGRAMS / f"with_{peer}.py", to, f"in/{data.path.name}", place],
            environment=_client(scene, data),
            rows=lambda _: rows(),
        )

    return _of(data, name, ready, lambda: scene.environment_of(peer).version)


def sling(scene: Scene, data: Data) -> Contender:
    def ready(folder: Path) -> Prepared:
        program = scene.environment_of("sling").find("bin/sling-*")
        url = scene.postgresql.database()
        environment = _client(scene, data)
        store = {
            "type": "s3",
            "bucket": BUCKET,
            "access_key_id": environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
            "region": environment["AWS_REGION"],
            "endpoint": environment["AWS_ENDPOINT_URL"],
        }
        settings = {
            "BENCH_S3": json.dumps(store),
            "BENCH_PG": url,
            "SLING_HOME_DIR": str(folder),
            "SLING_DISABLE_TELEMETRY": "true",
        }
        stream = f"s3://{BUCKET}/in/{data.path.name}"
        command: list[str | Path] = [program, "run", "--src-conn", "BENCH_S3", "--src-stream", stream]
        command += ["--tgt-conn", "BENCH_PG", "--tgt-object", "public.employees", "--mode", "full-refresh"]
        return Prepared(
            command=command,
            environment={**environment, **settings},
            rows=lambda _: counting.in_postgresql(url, "public.employees"),
        )

    return _of(data, "sling", ready, lambda: scene.environment_of("sling").version)


def ingestr(scene: Scene, data: Data) -> Contender:
    def ready(folder: Path) -> Prepared:
        program = scene.environment_of("ingestr").find("bin/ingestr")
        url = scene.postgresql.database()
        environment = _client(scene, data)
        source = {
            "access_key_id": environment["AWS_ACCESS_KEY_ID"],
            "secret_access_key": environment["AWS_SECRET_ACCESS_KEY"],
            "endpoint_url": environment["AWS_ENDPOINT_URL"],
            "region": environment["AWS_REGION"],
        }
        command: list[str | Path] = [
            program,
            "ingest",
            "--yes",
            "--progress",
            "log",
            "--pipelines-dir",
            folder / "pipelines",
        ]
        command += [
            "--source-uri",
            f"s3://?{urlencode(source)}",
            "--source-table",
            f"{BUCKET}/in/{data.path.name}",
        ]
        command += ["--dest-uri", url, "--dest-table", "public.employees"]
        settings = {"INGESTR_DISABLE_TELEMETRY": "true", "DISABLE_TELEMETRY": "true", "HOME": str(folder)}
        return Prepared(
            command=command,
            environment={**environment, **settings},
            rows=lambda _: counting.in_postgresql(url, "public.employees"),
        )

    return _of(data, "ingestr", ready, lambda: scene.environment_of("ingestr").version)


def _place(scene: Scene, folder: Path, to: str, table: str = "employees") -> tuple[str, Callable[[], int]]:
    if to == "postgresql":
        url = scene.postgresql.database()
        return url, lambda: counting.in_postgresql(url, table)
    path = folder / f"employees.{to}"
    if to == "duckdb":
        return str(path), lambda: counting.in_duckdb(path, table)
    return str(path), lambda: counting.in_sqlite(path)


def _client(scene: Scene, data: Data) -> dict[str, str]:
    """None of the peers deletes what it loaded."""
    return {**scene.environment, **scene.s3(data, keep=True).environment}


def _of(data: Data, name: str, ready: Callable[[Path], Prepared], told: Callable[[], str]) -> Contender:
    amount = data.bytes if data.files == 1 else data.files
    return Contender(name=name, prepare=ready, version=told, rows=data.rows, amount=amount)


def _first_line(*command: str | Path) -> str:
    ended = subprocess.run(command, capture_output=True, text=True, check=True)
    return ended.stdout.splitlines()[0]
