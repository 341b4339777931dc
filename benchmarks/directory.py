"""Time and peak memory of loads of contacts into a directory, by three merge rules.

python -m benchmarks directory --contacts 20000 100000
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.measuring import Measured, measure
from benchmarks.report import machine

NUMBERS = (20_000, 100_000)
"""Numbers of contacts that are loaded, one directory for each."""
LIMIT = 900.0
"""Seconds that one load may take."""
LOAD = """
import sys
import pyarrow as pa
from pathlib import Path
from bucketlift.loaders.directory import DirectoryLoader, Place
from bucketlift.model.directory.targets import contacts_target
from bucketlift.model.load import Column, LoadId, LoadUnit
from bucketlift.model.rows import SOURCE_LINE, RowStream

path, number, changed = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "again"
names = ("ExternalReference", "FirstName", "LastName", "Email", "Phone", "Office", "Title")
schema = pa.schema([*((name, pa.string()) for name in names), (SOURCE_LINE, pa.int64())])
target = contacts_target(
    [Column(name=name, field=name) for name in names],
    [["ExternalReference"], ["Email"], ["FirstName", "LastName", "Phone"]],
)

def batches():
    for start in range(0, number, 50_000):
        at = range(start, min(start + 50_000, number))
        offices = [f"office {n % 40 + (changed and n % 10 == 0)}" for n in at]
        yield pa.record_batch([
            # A tenth of the contacts has no reference, and is found by the address.
            ["" if n % 10 == 9 else f"E{n:08}" for n in at],
            [f"First{n % 997}" for n in at], [f"Last{n % 4999}" for n in at],
            [f"person{n}@example.com" for n in at], [f"+1 555 {n:08}" for n in at],
            offices, [f"Title {n % 300}" for n in at], [n + 2 for n in at],
        ], schema=schema)

load = LoadId(sys.argv[3])
with DirectoryLoader(place=Place(path=path)).begin(LoadUnit(target=target, loads=(load,))) as opened:
    opened.write(load, RowStream(schema=schema, batches=batches()))
    (receipt,) = opened.commit()
print(receipt.inserted, receipt.updated, receipt.unchanged)
"""
"""Loads contacts in a separate process. The second load changes a tenth of them."""


def main(numbers: Sequence[int] = ()) -> int:
    sys.stdout.write(f"{machine()}\n\n")
    sys.stdout.write(
        "| contacts | load | inserted, updated, unchanged | s | CPU s | rows per s | peak MB |\n"
    )
    sys.stdout.write("|---|---|---|---|---|---|---|\n")
    for number in numbers or NUMBERS:
        with tempfile.TemporaryDirectory() as folder:
            for load in ("first", "again"):
                found = _load(Path(folder), number, load)
                _print(number, load, found)
                if found.code:
                    return 1
            size = (Path(folder) / "people.sqlite").stat().st_size
            sys.stdout.write(f"| {number:,} | file: {size / 10**6:,.0f} MB | | | | | |\n")
    return 0


def _load(folder: Path, number: int, load: str) -> Measured:
    command = [sys.executable, "-c", LOAD, str(folder / "people.sqlite"), str(number), load]
    return measure(command, environment=os.environ, folder=folder, limit=LIMIT)


def _print(number: int, load: str, found: Measured) -> None:
    counts = ", ".join(found.out.split()) if found.code == 0 else f"failed: {found.err[-200:]}"
    rate = number / found.wall
    figures = f"{found.wall:.1f} | {found.cpu:.1f} | {rate:,.0f} | {found.own:.0f}"
    sys.stdout.write(f"| {number:,} | {load} | {counts} | {figures} |\n")
    sys.stdout.flush()
