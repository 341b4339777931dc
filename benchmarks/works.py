"""What is measured: who does which work on which data, and the goals that follow."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from benchmarks import employees, encrypted, rivals
from benchmarks.contender import Contender, Goal, Prepared, Work
from benchmarks.employees import Data, one_file, small_files
from benchmarks.lifting import COMMAND, Lift, apply, bucketlift, extract, installation, told
from benchmarks.peers import PROGRAMS
from benchmarks.scene import Scene

US = "Bucketlift"
MEMORY = 500
"""MB that an append may take, whatever the size."""


def start(scene: Scene) -> Work:
    three = small_files(scene.data, 3)
    version = Contender(
        name="--version",
        prepare=lambda _: Prepared(command=[COMMAND, "--version"], environment=scene.environment),
        version=told,
        ours=True,
    )
    return Work(
        key="start",
        title="Start: `bucketlift --version`, and three small files from `run` to exit",
        contenders=(version, bucketlift(scene, Lift(data=three), "three files")),
        goals=(
            Goal(what="`bucketlift --version`, s", top="--version", at_most=0.3),
            Goal(what="three small files, s", top="three files", at_most=3),
        ),
    )


def duckdb(scene: Scene) -> Work:
    data = one_file(scene.data, scene.sizes.big_mb)
    others = (
        rivals.duckdb_alone(scene, data),
        rivals.dlt(scene, data, "duckdb"),
        rivals.polars(scene, data, "duckdb"),
    )
    return Work(
        key="duckdb",
        title=f"{scene.sizes.big_mb:,} MB of CSV into a DuckDB table",
        contenders=(bucketlift(scene, Lift(data=data)), *others),
        goals=(
            Goal(what="Bucketlift / DuckDB alone", top=US, over=others[0].name, at_most=1.2),
            Goal(what="dlt / Bucketlift", top="dlt", over=US, at_least=4),
            Goal(what="peak memory, MB", top=US, measure="memory", at_most=MEMORY),
        ),
    )


def postgresql(scene: Scene) -> Work:
    data = one_file(scene.data, scene.sizes.big_mb)
    alone = rivals.psql_copy(scene, data)
    return Work(
        key="postgresql",
        title=f"{scene.sizes.big_mb:,} MB of CSV into a PostgreSQL table",
        contenders=(bucketlift(scene, Lift(data=data, to="postgresql")), alone),
        goals=(
            Goal(what="Bucketlift / psql \\copy", top=US, over=alone.name, at_most=1.3),
            Goal(what="peak memory, MB", top=US, measure="memory", at_most=MEMORY),
        ),
    )


def postgresql_peers(scene: Scene) -> Work:
    data = one_file(scene.data, scene.sizes.middle_mb)
    peers = {
        rivals.sling(scene, data): 4,
        rivals.dlt(scene, data, "postgresql"): 5,
        rivals.ingestr(scene, data): 8,
        rivals.pandas(scene, data, "postgresql"): None,
    }
    return Work(
        key="postgresql-peers",
        title=f"{scene.sizes.middle_mb:,} MB of CSV into a PostgreSQL table, beside peers",
        contenders=(
            bucketlift(scene, Lift(data=data, to="postgresql")),
            rivals.psql_copy(scene, data),
            *peers,
        ),
        goals=tuple(
            Goal(what=f"{peer.name} / Bucketlift", top=peer.name, over=US, at_least=goal)
            for peer, goal in peers.items()
        ),
    )


def sqlite(scene: Scene) -> Work:
    data = one_file(scene.data, scene.sizes.middle_mb)
    peer = rivals.pandas(scene, data, "sqlite")
    return Work(
        key="sqlite",
        title=f"{scene.sizes.middle_mb:,} MB of CSV into a SQLite table",
        contenders=(
            bucketlift(scene, Lift(data=data, to="sqlite")),
            peer,
            rivals.polars(scene, data, "sqlite"),
        ),
        goals=(Goal(what="pandas / Bucketlift", top=peer.name, over=US, at_least=2.5),),
    )


def small(scene: Scene) -> Work:
    data = small_files(scene.data, scene.sizes.files)
    return Work(
        key="small-files",
        title=f"{scene.sizes.files:,} files of 10 KB into a DuckDB table; Bucketlift also deletes them",
        contenders=(bucketlift(scene, Lift(data=data)), rivals.dlt(scene, data, "duckdb")),
        goals=(
            Goal(
                what="files per second of client CPU", top=US, measure="units per CPU second", at_least=1_000
            ),
            Goal(what="dlt / Bucketlift", top="dlt", over=US, at_least=10),
        ),
    )


def pgp(scene: Scene) -> Work:
    data = one_file(scene.data, scene.sizes.big_mb)
    alone = encrypted.gpg_alone(scene, data)
    ours = encrypted.lifted(scene, data, "Bucketlift, encrypted")
    plain = bucketlift(scene, Lift(data=data), "Bucketlift, plain")
    return Work(
        key="pgp",
        title=f"{scene.sizes.big_mb:,} MB of CSV, encrypted, into a DuckDB table",
        contenders=(plain, ours, alone),
        goals=(
            Goal(
                what="(encrypted - plain) / gpg alone",
                top=ours.name,
                less=plain.name,
                over=alone.name,
                at_most=1.15,
            ),
        ),
    )


def dirty(scene: Scene) -> Work:
    size = scene.sizes.big_mb
    clean, spoilt = one_file(scene.data, size), one_file(scene.data, size, dirty=True)
    return Work(
        key="dirty",
        title=f"{size:,} MB of CSV into a DuckDB table: one bad row in a thousand, and none",
        contenders=(
            bucketlift(scene, Lift(data=clean), "clean"),
            bucketlift(scene, Lift(data=spoilt, extract={"max_rejected": "1%"}), "dirty"),
        ),
        goals=(Goal(what="dirty / clean", top="dirty", over="clean", at_most=1.5),),
    )


def growth(scene: Scene) -> Work:
    big, huge = (one_file(scene.data, size) for size in (scene.sizes.big_mb, scene.sizes.huge_mb))
    less, more = f"{scene.sizes.big_mb:,} MB", f"{scene.sizes.huge_mb:,} MB"
    return Work(
        key="growth",
        title="A larger file into a DuckDB table",
        contenders=(bucketlift(scene, Lift(data=big), less), bucketlift(scene, Lift(data=huge), more)),
        goals=(
            Goal(what="time per byte", top=more, over=less, measure="time per unit", at_most=1.15),
            Goal(what=f"peak memory at {more}, MB", top=more, measure="memory", at_most=MEMORY),
        ),
    )


def memory(scene: Scene) -> Work:
    """Peak memory by destination and size; an upsert has its curve instead of a goal."""
    sizes = (scene.sizes.big_mb, scene.sizes.huge_mb)
    appends = [
        bucketlift(scene, Lift(data=one_file(scene.data, size), to=to), f"append, {to}, {size:,} MB")
        for to in ("sqlite", "postgresql")
        for size in sizes
    ]
    cell = bucketlift(
        scene, Lift(data=_one_large_cell(scene)), f"append, duckdb, one cell of {scene.sizes.cell_mb} MB"
    )
    upserts = [
        bucketlift(
            scene, Lift(data=one_file(scene.data, size), mode="upsert"), f"upsert, duckdb, {size:,} MB"
        )
        for size in (scene.sizes.middle_mb, *sizes[:1])
    ]
    return Work(
        key="memory",
        title="Peak memory by destination and size",
        contenders=(*appends, cell, *upserts),
        goals=tuple(
            Goal(what=f"{each.name}, MB", top=each.name, measure="memory", at_most=MEMORY) for each in appends
        ),
        rounds=1,
    )


def many_files(scene: Scene) -> Work:
    few, many = scene.sizes.few_files, scene.sizes.many_files
    less, more = f"{few:,} files", f"{many:,} files"
    return Work(
        key="many-files",
        title="More small files into a DuckDB table, with delete",
        contenders=(
            bucketlift(scene, Lift(data=small_files(scene.data, few)), less),
            bucketlift(scene, Lift(data=small_files(scene.data, many)), more),
        ),
        goals=(Goal(what="time per file", top=more, over=less, measure="time per unit", at_most=1.2),),
    )


def listing(scene: Scene) -> Work:
    """A run that finds only known keys, beside the listing by itself."""
    keys = scene.sizes.known_keys

    def known(folder: Path) -> Prepared:
        server = scene.listing_only()
        environment = installation(scene, server, folder)
        task = extract(scene.sample, "keep", bucket="known", start="now")
        apply(scene, folder, environment, server, {"kind": "duckdb", "path": str(folder / "w.duckdb")}, task)
        # The first look passes over all that is there, which is then known.
        scene.prepare([COMMAND, "run", "lift", "--json"], folder, environment)
        return Prepared(command=[COMMAND, "run", "lift", "--json"], environment=environment)

    def alone(_: Path) -> Prepared:
        environment = {**scene.environment, **scene.listing_only().environment}
        return Prepared(
            command=[sys.executable, PROGRAMS / "listing.py", "known", "in/"], environment=environment
        )

    ours = Contender(name="a run, all known", prepare=known, version=told, amount=keys, ours=True)
    listed = replace(ours, name="the listing by boto3", prepare=alone, ours=False)
    return Work(
        key="listing",
        title=f"A listing of {keys:,} known keys",
        contenders=(ours, listed),
        goals=(Goal(what="a run / the listing alone", top=ours.name, over=listed.name),),
    )


def _one_large_cell(scene: Scene) -> Data:
    path = scene.data / f"cell-{scene.sizes.cell_mb}mb" / "employees.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(employees.HEADER)
        file.write('1,Ada,Berg,a@example.com,Legal,Porto,2020-01-01,"')
        for _ in range(scene.sizes.cell_mb * 10):
            file.write("0123456789, " * 8_333 + "\n")
        file.write('"\n2,Bo,Berg,b@example.com,Legal,Porto,2020-01-01,\n')
    return Data(path=path, files=1, bytes=path.stat().st_size, rows=2)


WORKS: dict[str, Callable[[Scene], Work]] = {
    "start": start,
    "duckdb": duckdb,
    "postgresql": postgresql,
    "postgresql-peers": postgresql_peers,
    "sqlite": sqlite,
    "small-files": small,
    "pgp": pgp,
    "dirty": dirty,
    "growth": growth,
    "memory": memory,
    "many-files": many_files,
    "listing": listing,
}
