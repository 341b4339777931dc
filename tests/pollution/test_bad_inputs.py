"""Inputs that break readers: each is loaded exactly or told, with its line, its byte or its reason."""

from __future__ import annotations

import os
import re
import resource
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import run

import pytest

from bucketlift.model.contract import Contract, Field
from bucketlift.model.rows import SOURCE_LINE, RejectReason
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import open_rejects, open_rows
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest

BOM = b"\xef\xbb\xbf"
BIG = 100_000_000


@dataclass(frozen=True, kw_only=True)
class Came:
    """What a file came to, in short."""

    rows: Sequence[tuple[str, ...]] = ()
    rejects: Sequence[tuple[int, RejectReason]] = ()
    """Line and reason of each."""
    notes: Sequence[str] = ()
    held: str = ""


def came(tmp_path: Path, data: bytes, names: Sequence[str] = ("id", "name")) -> Came:
    path, staged, rejects = tmp_path / "file", tmp_path / "rows", tmp_path / "rejects"
    path.write_bytes(data)
    contract = Contract(fields=tuple(Field(name=name) for name in names))
    reading = read_file(
        path, ReadRequest(contract=contract, staged=staged, rejects=rejects, max_rejected=RejectLimit())
    )
    if reading.hold is not None:
        return Came(held=reading.hold.what)
    with open_rows(staged) as stream:
        columns = [batch.drop_columns([SOURCE_LINE]).columns for batch in stream]
    return Came(
        rows=tuple(
            row for batch in columns for row in zip(*(each.to_pylist() for each in batch), strict=True)
        ),
        rejects=tuple((each.line, each.reason) for each in open_rejects(rejects)),
        notes=reading.notes,
    )


ANN, BOB = ("1", "Ann"), ("2", "Bob")
FILES = {
    "a NUL in a cell": (
        b"id,name\n1,Ann\n2,B\0ob\n",
        Came(rows=(ANN,), rejects=((3, RejectReason.NUL),)),
    ),
    "a lone CR": (
        b"id,name\n1,Ann\n2,Bob\r3,Cid\n",
        Came(rows=(ANN,), rejects=((3, RejectReason.LONE_CR),)),
    ),
    "a lone CR in quotes": (b'id,name\n1,Ann\n2,"B\rob"\n', Came(rows=(ANN, ("2", "B\rob")))),
    "mixed line ends": (
        b"id,name\n1,Ann\r\n2,Bob\n",
        Came(rows=(ANN, BOB), notes=("Line ends are mixed: LF and CRLF",)),
    ),
    "one byte order mark": (BOM + b"id,name\n1,Ann\n", Came(rows=(ANN,))),
    "a byte order mark in the middle": (
        b"id,name\n1,Ann\n" + BOM + b"2,Bob\n",
        Came(rows=(ANN, BOB), notes=("Byte order marks inside the file were left out: 1",)),
    ),
    "a quote at the end": (
        b'id,name\n1,Ann\n2,Bob\n"',
        Came(rows=(ANN, BOB), rejects=((4, RejectReason.UNTERMINATED_QUOTE),)),
    ),
    "an open quote at the end": (
        b'id,name\n1,Ann\n2,"Bob\n',
        Came(rows=(ANN,), rejects=((3, RejectReason.UNTERMINATED_QUOTE),)),
    ),
    "cells that are formulas or pages elsewhere": (
        b"id,name\n=1+2,@SUM(A1)\n-1,<script>alert(1)</script>\n",
        Came(rows=(("=1+2", "@SUM(A1)"), ("-1", "<script>alert(1)</script>"))),
    ),
    "a header only": (b"id,name\n", Came()),
    "a header only, without a line end": (b"id,name", Came()),
    "UTF-16": (
        "id,name\n1,Ann\n".encode("utf-16"),
        Came(held="The file is UTF-16, not UTF-8 (byte 0)"),
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_a_bad_input_comes_to_what_is_written_here(tmp_path, name):
    data, expected = FILES[name]

    assert came(tmp_path, data) == expected


@pytest.mark.parametrize(
    "some", [b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"]
)
def test_bytes_that_are_no_utf_8_are_named_wherever_they_stand(tmp_path, some):
    good = b"id,name\n1,Ann\n"

    held = [came(tmp_path, data).held for data in (some + good, good + some + good, good + some)]

    assert [re.findall(r"byte (\d+)", what or "") for what in held] == [
        ["0"],
        [str(len(good))],
        [str(len(good))],
    ]


@pytest.mark.slow
def test_twenty_thousand_columns_are_read_and_a_cell_too_few_or_too_many_is_told(tmp_path):
    names = [f"c{number}" for number in range(20_000)]
    lines = [[f"{row}.{column}" for column in range(20_000 + row)] for row in (-1, 0, 1, 0)]

    found = came(tmp_path, b"".join(",".join(line).encode() + b"\n" for line in (names, *lines)), names)

    assert found == Came(
        rows=(tuple(lines[1]), tuple(lines[3])), rejects=((2, RejectReason.WIDTH), (4, RejectReason.WIDTH))
    )


READ_BIG = """
import resource, sys
from pathlib import Path
from pollution.test_bad_inputs import came
found = came(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes())
print([len(row[1]) for row in found.rows], [(line, reason.value) for line, reason in found.rejects])
"""


def read_big(tmp_path: Path, data: bytes) -> str:
    """In a process that may not take more than ten times the cell."""
    path = tmp_path / "big"
    path.write_bytes(data)
    limit = 10 * BIG + (1 << 30)
    command = [sys.executable, "-c", READ_BIG, str(tmp_path), str(path)]
    done = run(
        command,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)),
    )
    return done.stdout.strip()


@pytest.mark.slow
def test_a_cell_of_a_hundred_megabytes_is_a_cell(tmp_path):
    cell = b"x, y\n" * (BIG // 5)

    assert read_big(tmp_path, b'id,name\n1,Ann\n2,"' + cell + b'"\n3,Cid\n') == f"[3, {BIG}, 3] []"


@pytest.mark.slow
def test_a_cell_of_a_hundred_megabytes_that_is_never_closed_is_a_reject(tmp_path):
    cell = b"x" * BIG

    assert read_big(tmp_path, b'id,name\n1,Ann\n2,"' + cell + b"\n3,Cid\n") == (
        "[3, 3] [(3, 'unterminated-quote')]"
    )
