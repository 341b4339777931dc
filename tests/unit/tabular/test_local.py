"""Reading a file from Python: what the how-to shows, and what is refused."""

from __future__ import annotations

import contextlib
import io
import re
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

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


def test_a_file_is_read_by_the_words_of_a_workflow_file(tmp_path):
    path = written(tmp_path, b"made by hand\nId;Pay;Note\n1;1.234,50;-\n2;(3,00);x\n")

    reading = bucketlift.read_file(
        path,
        dialect={"delimiter": ";", "skip_lines": 1, "null": "-"},
        fields={
            "Pay": {
                "type": "decimal",
                "scale": 2,
                "decimal_point": ",",
                "thousands": ".",
                "negative": "parentheses",
            }
        },
    )

    assert reading.rows.to_pylist() == [
        {"Id": "1", "Pay": Decimal("1234.50"), "Note": None},
        {"Id": "2", "Pay": Decimal("-3.00"), "Note": "x"},
    ]


def test_a_file_without_a_header_is_read_by_the_names_of_its_columns(tmp_path):
    path = written(tmp_path, b"1,Ann\n2,Bo\n")

    reading = bucketlift.read_file(path, dialect={"header": False}, columns=["Id", "Name"])

    assert reading.rows.to_pylist() == [{"Id": "1", "Name": "Ann"}, {"Id": "2", "Name": "Bo"}]


def test_a_first_row_of_data_is_not_taken_for_the_names_of_columns(tmp_path):
    path = written(tmp_path, b"1,2026-01-01\n2,2026-01-02\n")

    with pytest.raises(FileHeld) as refused:
        bucketlift.read_file(path)

    assert refused.value.reason == "doubtful-header"


def test_policies_of_a_contract_are_read_in_the_words_of_a_workflow_file(tmp_path):
    path = written(tmp_path, b"Id,Mail\n1,a@b.c\n")

    reading = bucketlift.read_file(path, columns=["Id"], contract={"extra": "ignore"})

    assert reading.rows.to_pylist() == [{"Id": "1"}]


def test_chosen_files_of_a_zip_are_read_as_one(tmp_path):
    with ZipFile(tmp_path / "a.zip", "w") as archive:
        for name, text in (("README.md", "# not"), ("data/a.csv", "Id\n1\n"), ("data/b.csv", "Id\n2\n")):
            archive.writestr(name, text)

    reading = bucketlift.read_file(tmp_path / "a.zip", archive={"entries": "data/*.csv"})

    assert reading.rows.to_pylist() == [{"Id": "1"}, {"Id": "2"}]


@pytest.mark.parametrize(
    ("arguments", "what", "to", "hint"),
    [
        ({"dialect": {"delimitr": ";"}}, "unknown key `delimitr`", "dialect", "Did you mean `delimiter`?"),
        (
            {"dialect": {"line_end": "crl"}},
            "`line_end` cannot be `crl`",
            "dialect.line_end",
            "Did you mean `crlf`?",
        ),
        (
            {"fields": {"a": {"type": "int"}}},
            "`type` cannot be `int`",
            "fields.a.type",
            "Did you mean `integer`?",
        ),
        ({"fields": {"aa": {"type": "date"}}}, "there is no field `aa`", "fields.aa", "Did you mean `a`?"),
        (
            {"contract": {"extra": "drop"}},
            "`extra` cannot be `drop`",
            "contract.extra",
            "It can be one of: accept, hold, ignore.",
        ),
        (
            {"dialect": {"header": False}},
            "Files without a header row need field names",
            "dialect.header",
            'Pass columns=["A", "B"], or a sample with a header row.',
        ),
        (
            {"contract": Contract(fields=(Field(name="a"),)), "dialect": {"trim": True}},
            "`dialect` cannot be used with a Contract",
            "dialect",
            'Set it in the Contract, or pass contract={"extra": "ignore"} or similar instead of a Contract.',
        ),
    ],
)
def test_wrong_words_are_refused_as_in_a_workflow_file(tmp_path, arguments, what, to, hint):
    with pytest.raises(RequestWrong) as refused:
        bucketlift.read_file(written(tmp_path, b"a,bcd\n1,x\n"), **arguments)

    assert (refused.value.what, refused.value.to, refused.value.hint) == (what, to, hint)


def test_a_header_that_names_a_column_twice_holds_the_file_whatever_is_said_of_its_format(tmp_path):
    with pytest.raises(FileHeld) as refused:
        bucketlift.read_file(written(tmp_path, b"a;a\n1;2\n"), dialect={"delimiter": ";"})

    assert refused.value.reason == "duplicate-column"
