"""Files that loads write, read again by other readers."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from bucketlift.model.load import Column, Lineage
from bucketlift.model.objects.file_format import (
    ObjectCompression,
    ObjectFormat,
    ObjectLineEnd,
    OutputDialect,
    Quoting,
    extension,
)
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.model.types import TypeName, ValueType
from bucketlift.objects.formats.write import Written, write_file

TYPES = {
    "Name": ValueType(),
    "Id": ValueType(name=TypeName.INTEGER),
    "Pay": ValueType(name=TypeName.DECIMAL, precision=20, scale=10),
    "Hired": ValueType(name=TypeName.DATE),
    "Seen": ValueType(name=TypeName.TIMESTAMP, zoned=True),
    "Local": ValueType(name=TypeName.TIMESTAMP),
    "Active": ValueType(name=TypeName.BOOLEAN),
}
ARROW: dict[str, pa.DataType] = {
    "Name": pa.string(),
    "Id": pa.int64(),
    "Pay": pa.decimal128(20, 10),
    "Hired": pa.date32(),
    "Seen": pa.timestamp("us", tz="UTC"),
    "Local": pa.timestamp("us"),
    "Active": pa.bool_(),
}
ROW = {
    "Name": 'Ann "A", née Lee\n',
    "Id": 9007199254740993,
    "Pay": Decimal("0.0000000001"),
    "Hired": date(2026, 11, 30),
    "Seen": datetime(2026, 11, 30, 12, 0, 0, 5, UTC),
    "Local": datetime(2026, 11, 30, 12, 0),  # noqa: DTZ001 - without a zone
    "Active": True,
}


def target(file_format: ObjectFormat, names: Sequence[str] = tuple(TYPES), **settings: Any) -> ObjectsTarget:
    columns = tuple(Column(name=name, field=name, type=TYPES[name]) for name in names)
    return ObjectsTarget(table=OBJECTS, columns=columns, lineage=Lineage.OFF, format=file_format, **settings)


def stream(
    rows: Sequence[dict[str, Any]], names: Sequence[str] = tuple(TYPES), size: int = 1000
) -> RowStream:
    types = {name: ARROW[name] for name in names} | {SOURCE_LINE: pa.int64()}
    schema = pa.schema(types)
    lined = [{**row, SOURCE_LINE: line} for line, row in enumerate(rows, 2)]
    batches = [
        pa.RecordBatch.from_pylist(lined[start : start + size], schema)
        for start in range(0, len(lined), size)
    ]
    return RowStream(schema=schema, batches=iter(batches))


@pytest.fixture
def written(tmp_path: Path):
    """The bytes of a file with these rows."""

    def write(wanted: ObjectsTarget, rows: RowStream) -> bytes:
        path = tmp_path / f"file{len(list(tmp_path.iterdir()))}"
        write_file(wanted, rows, path)
        return path.read_bytes()

    return write


NULLS: dict[str, Any] = dict.fromkeys(TYPES)


def test_a_csv_has_every_value_exactly(written):
    found = written(target(ObjectFormat.CSV), stream([ROW, NULLS]))

    assert found.decode() == (
        "Name,Id,Pay,Hired,Seen,Local,Active\n"
        '"Ann ""A"", née Lee\n",9007199254740993,0.0000000001,2026-11-30,2026-11-30T12:00:00.000005Z,2026-11-30T12:00:00,true\n'
        ",,,,,,\n"
    )


def test_a_json_line_has_numbers_with_all_digits(written):
    found = written(target(ObjectFormat.JSONL), stream([ROW, NULLS])).decode()

    assert found.splitlines()[0] == (
        r'{"Name":"Ann \"A\", née Lee\n","Id":9007199254740993,"Pay":0.0000000001,"Hired":"2026-11-30",'
        '"Seen":"2026-11-30T12:00:00.000005Z","Local":"2026-11-30T12:00:00","Active":true}'
    )
    assert json.loads(found.splitlines()[1]) == NULLS


@pytest.mark.parametrize("compression", ObjectCompression)
def test_a_parquet_file_keeps_the_types(written, compression):
    found = written(target(ObjectFormat.PARQUET, compression=compression), stream([ROW, NULLS]))

    table = parquet.read_table(io.BytesIO(found))
    assert table.schema.equals(pa.schema(ARROW))
    assert table.to_pylist() == [ROW, NULLS]


def test_a_null_and_an_empty_text_differ(written):
    names = ("Name", "Id")

    found = written(target(ObjectFormat.CSV, names), stream([{"Name": ""}, {"Name": None}], names))

    assert found == b'Name,Id\n"",\n,\n'


def test_a_text_that_is_equal_to_the_text_of_nulls_is_quoted(written):
    dialect = OutputDialect(null_text=r"\N")
    rows: list[dict[str, Any]] = [{"Name": r"\N"}, {"Name": None}, {"Name": ""}]

    found = written(target(ObjectFormat.CSV, ["Name"], dialect=dialect), stream(rows, ["Name"]))

    assert found == b'Name\n"\\N"\n\\N\n\n'


def test_the_dialect_is_obeyed(written):
    dialect = OutputDialect(
        delimiter=";", quote="'", quoting=Quoting.ALL, line_end=ObjectLineEnd.CRLF, bom=True, header=False
    )
    rows: list[dict[str, Any]] = [{"Name": "O'Neil", "Id": 1}, {"Name": None, "Id": None}]

    found = written(target(ObjectFormat.CSV, ("Name", "Id"), dialect=dialect), stream(rows, ("Name", "Id")))

    assert found == b"\xef\xbb\xbf'O''Neil';'1'\r\n;\r\n"


def test_a_file_without_rows_has_its_columns(written):
    assert written(target(ObjectFormat.TSV, ("Name", "Id")), stream([], ("Name", "Id"))) == b"Name\tId\n"
    empty = written(target(ObjectFormat.PARQUET, ("Name", "Id")), stream([], ("Name", "Id")))
    assert parquet.read_table(io.BytesIO(empty)).schema.names == ["Name", "Id"]
    assert written(target(ObjectFormat.JSONL), stream([])) == b""


@pytest.mark.parametrize("compression", ObjectCompression)
@pytest.mark.parametrize("file_format", ObjectFormat)
def test_the_same_rows_give_the_same_bytes_in_batches_of_any_size(written, file_format, compression):
    rows = [{"Name": f"name {number % 700}", "Id": number} for number in range(40_000)]
    wanted, names = target(file_format, ("Name", "Id"), compression=compression), ("Name", "Id")

    found = {written(wanted, stream(rows, names, size)) for size in (7_777, 16_384, 40_000)}

    assert len(found) == 1


def test_gzip_names_neither_a_time_nor_a_file(written):
    found = written(target(ObjectFormat.CSV, compression=ObjectCompression.GZIP), stream([ROW]))

    assert found[3:8] == b"\0\0\0\0\0"
    assert gzip.decompress(found).startswith(b"Name,Id,")


def test_rows_and_lines_are_counted(tmp_path):
    written = write_file(target(ObjectFormat.CSV, ["Id"]), stream([{"Id": 1}] * 3, ["Id"]), tmp_path / "a")

    assert written == Written(rows=3, span=(2, 4), sha256=written.sha256)


texts = st.one_of(st.none(), st.text(st.characters(exclude_categories=["Cs"]), max_size=6))


@given(
    rows=st.lists(st.tuples(texts, texts), max_size=6),
    delimiter=st.sampled_from([",", "\t", ";", "|"]),
    null=st.sampled_from(["", "NULL"]),
)
def test_any_text_is_read_again_as_it_is(tmp_path_factory, rows, delimiter, null):
    names = ["a", "b"]
    columns = tuple(Column(name=name, field=name) for name in names)
    types: dict[str, pa.DataType] = {"a": pa.string(), "b": pa.string(), SOURCE_LINE: pa.int64()}
    schema = pa.schema(types)
    batch = pa.RecordBatch.from_pylist([{"a": a, "b": b, SOURCE_LINE: 1} for a, b in rows], schema)
    dialect = OutputDialect(delimiter=delimiter, null_text=null, line_end=ObjectLineEnd.CRLF)
    path = tmp_path_factory.mktemp("any") / "file"

    for file_format in (ObjectFormat.CSV, ObjectFormat.JSONL):
        wanted = ObjectsTarget(table=OBJECTS, columns=columns, format=file_format, dialect=dialect)
        write_file(wanted, RowStream(schema=schema, batches=iter([batch])), path)
        content = path.read_bytes().decode()
        path.unlink()

        if file_format is ObjectFormat.JSONL:
            found = [tuple(json.loads(line).values()) for line in content.split("\n")[:-1]]
            assert found == rows
        else:
            reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter)
            assert next(reader) == names
            assert [tuple(row) for row in reader] == [
                tuple(null if each is None else each for each in row) for row in rows
            ]


@pytest.mark.parametrize(
    ("file_format", "compression", "encrypted", "expected"),
    [
        (ObjectFormat.CSV, ObjectCompression.NONE, False, ".csv"),
        (ObjectFormat.TSV, ObjectCompression.GZIP, True, ".tsv.gz.pgp"),
        (ObjectFormat.JSONL, ObjectCompression.ZSTD, False, ".jsonl.zst"),
        (ObjectFormat.PARQUET, ObjectCompression.ZSTD, True, ".parquet.pgp"),
    ],
)
def test_the_extension_names_format_compression_and_encryption(file_format, compression, encrypted, expected):
    assert extension(file_format, compression, encrypted=encrypted) == expected
