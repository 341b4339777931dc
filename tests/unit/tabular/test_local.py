"""Reading a file from Python: what the how-to shows, and what is refused."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pytest

import bucketlift
from bucketlift import Contract, Field, TypeName
from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.model.rows import RejectReason

from .files import a_reject

PAGE = Path(__file__).parents[3] / "docs" / "how-to" / "python-api.md"


def written(tmp_path: Path, data: bytes, name: str = "file.csv") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def blocks(language: str) -> list[str]:
    return re.findall(
        rf"^```{language}\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
    )


def test_the_example_prints_what_the_page_says(tmp_path, monkeypatch):
    written(tmp_path, b"UniqueID,Name\n", "sample.csv")
    written(tmp_path, blocks("csv")[0].encode(), "employees.csv")
    written(tmp_path, b"UniqueID,HireDate\n7,1/5/2026\n", "hired.csv")
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}

    with contextlib.redirect_stdout(io.StringIO()) as printed:
        for block in blocks("python"):
            exec(block, names)  # noqa: S102 - the page is ours

    assert printed.getvalue() == blocks("text")[0]
    assert names["reading"].rows.schema.types == [pa.int64(), pa.date32()]  # type: ignore[attr-defined]


def test_a_file_is_held_to_its_own_header_where_nothing_else_is_given(tmp_path):
    reading = bucketlift.read_file(written(tmp_path, b'b,a\n1,"x\ny"\n\n2,\n'))

    assert reading.rows.to_pylist() == [{"b": "1", "a": "x\ny"}, {"b": "2", "a": ""}]
    assert (reading.lines.to_pylist(), reading.rejects, reading.blank_lines) == ([2, 5], (), 1)


def test_rejects_are_told_with_their_bytes_reason_and_field(tmp_path):
    contract = Contract(fields=(Field(name="id", type=TypeName.INTEGER),))

    reading = bucketlift.read_file(written(tmp_path, b"id\n1\nx\n"), contract=contract, max_rejected=1)

    assert reading.rows.to_pylist() == [{"id": 1}]
    assert reading.rejects == (a_reject(3, 5, b"x\n", RejectReason.NOT_AN_INTEGER, "id"),)


def test_a_tsv_file_is_read(tmp_path):
    assert bucketlift.read_file(written(tmp_path, b"a\tb\n1\t,\n"), file_type="tsv").rows.to_pylist() == [
        {"a": "1", "b": ","}
    ]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"\n", "no-header"),
        (b"a,a\n", "duplicate-column"),
        (b"\xff\xfea\0", "not-utf-8"),
        (b"a,b\n1\n", "too-many-rejects"),
    ],
)
def test_a_refused_file_is_an_error_with_a_reason_and_a_hint(tmp_path, data, reason):
    with pytest.raises(FileHeld) as caught:
        bucketlift.read_file(written(tmp_path, data))

    assert caught.value.reason == reason
    assert caught.value.hint


@pytest.mark.parametrize(
    "wrong",
    [
        {"contract": Contract(fields=(Field(name="a"),)), "sample": "sample.csv"},
        {"sample": "no such file.csv"},
        {"file_type": "xls"},
        {"max_rejected": -1},
        {"max_rejected": "101%"},
    ],
)
def test_arguments_that_do_not_fit_are_refused(tmp_path, wrong):
    with pytest.raises(RequestWrong):
        bucketlift.read_file(written(tmp_path, b"a\n1\n"), **wrong)


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RequestWrong):
        bucketlift.read_file(tmp_path / "nowhere.csv")


def test_a_column_named_as_our_lines_is_refused(tmp_path):
    with pytest.raises(RequestWrong):
        bucketlift.read_file(written(tmp_path, b"a,_Source_Line\n"))


@pytest.mark.slow
def test_importing_the_package_loads_nothing_heavy():
    program = "import bucketlift, sys; dir(bucketlift); sys.exit(bool({'pyarrow', 'numpy', 'duckdb'} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_the_package_has_no_other_names():
    with pytest.raises(AttributeError):
        _ = bucketlift.write_file
