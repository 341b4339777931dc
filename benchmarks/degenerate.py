"""How much CPU files take that hold almost nothing but damage, compared with a clean file of the same size.

python -m benchmarks degenerate
"""

from __future__ import annotations

import gzip
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.report import machine

BYTES = 50_000_000
ROUNDS = 3
MOST = 3.0
"""CPU time that a file may take, as a multiple of that of the clean file."""
READ = """
import sys
from pathlib import Path
from bucketlift.model.contract import Contract, Field
from bucketlift.model.transforms.row_checks import NO_CHECKS, RowChecks, UpsertKey
from bucketlift.model.workflow import NO_REJECTS, RejectLimit
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

path, keyed, allowed = Path(sys.argv[1]), "keyed" in sys.argv[2:], "allowed" in sys.argv[2:]
with path.open() as file:
    names = file.readline().strip().split(",")
read_file(path, ReadRequest(
    contract=Contract(fields=tuple(Field(name=name) for name in names)),
    staged=path.with_suffix(".rows"), rejects=path.with_suffix(".rejects"),
    max_rejected=RejectLimit() if allowed else NO_REJECTS,
    checks=RowChecks(keys=(UpsertKey(fields=(names[0],)),)) if keyed else NO_CHECKS,
))
"""
"""Reads one file in a separate process, with the default limit or with any number of rejects."""
CHECK = "import sys\nfrom bucketlift.cli.entry import main\nsys.argv[1:] = ['check', sys.argv[1]]\nmain()\n"
MEASURE = """
import resource, subprocess, sys
ran = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
if "Traceback" in ran.stderr:
    sys.exit(ran.stderr)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_utime + used.ru_stime, used.ru_maxrss // 1024)
"""


@dataclass(frozen=True)
class Case:
    name: str
    header: bytes
    line: bytes
    """Repeated until the file is full."""
    keyed: bool = False
    allowed: bool = False
    """Whether the file may have any number of rejects."""
    size: int = BYTES
    zipped: bool = False
    checked: bool = False
    """Whether ``bucketlift check`` reads the file."""

    def write(self, folder: Path) -> Path:
        text = self.header + self.line * ((self.size - len(self.header)) // len(self.line))
        path = folder / ("file.csv.gz" if self.zipped else "file.csv")
        path.write_bytes(gzip.compress(text) if self.zipped else text)
        return path

    def command(self, path: Path) -> list[str]:
        if self.checked:
            return [sys.executable, "-c", CHECK, str(path)]
        options = ["keyed"] * self.keyed + ["allowed"] * self.allowed
        return [sys.executable, "-c", READ, str(path), *options]


WIDE, ROW = b"Id,Name,City\n", b"1234567,Ann Smith,Denver\n"
CLEAN = Case("clean", WIDE, ROW)
CHECKED = Case("clean, check, 15 MB", WIDE, ROW, size=15_000_000, checked=True)
CASES = (
    Case("line ends", WIDE, b"\n"),
    Case("line ends, one column", b"Id\n", b"\n"),
    Case("bare quotes", WIDE, b'1,a"b,c\n'),
    Case("quotes that never close", WIDE, b'1,"a,b\n'),
    Case("one record of quotes", WIDE, b'"'),
    Case("empty rows into an upsert", WIDE, b",,\n", keyed=True),
    Case("repeated keys, rejects allowed", WIDE, ROW, keyed=True, allowed=True),
    Case("empty keys, rejects allowed", WIDE, b",Ann Smith,Denver\n", keyed=True, allowed=True),
    Case("rows of another width", WIDE, b"1,2\n"),
    Case("repeats of the header", WIDE, WIDE),
)
ZIPPED = Case("15 kB of gzipped line ends, check", b"Id\n", b"\n", size=15_000_000, zipped=True, checked=True)


def main() -> int:
    rows = list(_measured())
    lines = [
        "| 50 MB, the same read | CPU s | / clean | peak MB |",
        "|---|---|---|---|",
        *(f"| {name} | {cpu:.2f} | {ratio:.2f} | {peak} |" for name, cpu, ratio, peak in rows),
    ]
    sys.stdout.write(f"{machine()}\n\n" + "\n".join(lines) + "\n")
    return 1 if any(ratio > MOST for _, _, ratio, _ in rows) else 0


def _measured() -> Iterator[tuple[str, float, float, int]]:
    for base, cases in ((CLEAN, CASES), (CHECKED, (ZIPPED,))):
        clean, peak = _best(base)
        yield base.name, clean, 1.0, peak
        for case in cases:
            cpu, peak = _best(case)
            yield case.name, cpu, cpu / clean, peak


def _best(case: Case) -> tuple[float, int]:
    """The smallest CPU time of several rounds: other work on the machine only adds to it."""
    with tempfile.TemporaryDirectory() as folder:
        command = case.command(case.write(Path(folder)))
        rounds = [_one(command) for _ in range(ROUNDS)]
    return min(cpu for cpu, _ in rounds), max(peak for _, peak in rounds)


def _one(command: list[str]) -> tuple[float, int]:
    found = subprocess.run(
        [sys.executable, "-c", MEASURE, *command], check=True, capture_output=True, text=True
    )
    cpu, peak = found.stdout.split()
    return float(cpu), int(peak)
