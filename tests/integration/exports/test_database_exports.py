"""Files that MariaDB and PostgreSQL really write, read by the presets cell by cell."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

import mariadb
from bucketlift.model.contract import Contract, Field, FileType
from bucketlift.schema.contracts import DialectShape, null_words, plain_dialect
from unit.tabular.files import read

NASTY = [
    None,
    "",
    "NULL",
    "\\N",
    "N",
    "\\.",
    '"',
    'say ""hi"", "you"',
    "C:\\dir\\new\\",
    "a\tb,c;d|e",
    "one\ntwo",
    "one\r\ntwo\r",
    "\\\n\\t\t\\",
    "'single', “smart”, ünïcödé 😀",
    "||",
    "\b\f\v\x1a\x1f",
]
ROWS = [(f"{number}", one, NASTY[(number * 7) % len(NASTY)]) for number, one in enumerate(NASTY * 3)]
MARIADB = pytest.mark.skipif(mariadb.ABSENT, reason="mariadbd is not installed (make tools)")


def cells(tmp_path: Path, data: bytes, **said) -> list[tuple[str | None, ...]]:
    """The rows of a file that these keys of ``dialect`` read, to the last one."""
    shape = DialectShape.model_validate(said)
    nulls = null_words(shape)
    fields = tuple(Field(name=name, null_words=nulls) for name in ("id", "one", "other"))
    contract = Contract(fields=fields, dialect=plain_dialect(shape, FileType.CSV))
    found = read(tmp_path, data, contract)
    assert found.rejects == []
    assert found.reading.hold is None
    return [row[:-1] for row in found.rows or []]


@MARIADB
@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ("", {}),
        ("FIELDS TERMINATED BY ',' ENCLOSED BY '\"'", {"delimiter": ",", "quote": '"'}),
        ("FIELDS TERMINATED BY ',' OPTIONALLY ENCLOSED BY '\"'", {"delimiter": ",", "quote": '"'}),
        ("FIELDS TERMINATED BY '||'", {"delimiter": "||"}),
        ("FIELDS TERMINATED BY '|' LINES TERMINATED BY '\\r\\n'", {"delimiter": "|", "line_end": "crlf"}),
        ("FIELDS TERMINATED BY ';' ENCLOSED BY '\\''", {"delimiter": ";", "quote": "'"}),
    ],
)
def test_what_mariadb_writes_is_read_cell_by_cell(tmp_path, options, keys):
    data = mariadb.outfile(tmp_path, ROWS, options)

    assert cells(tmp_path, data, preset="mysql", **keys) == ROWS


def _copied(postgresql, statement: str) -> bytes:
    with psycopg.connect(postgresql.database()) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE t (id text, one text, other text)")
        cursor.executemany("INSERT INTO t VALUES (%s, %s, %s)", ROWS)
        with cursor.copy(statement) as copy:
            return b"".join(copy)


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        ("", {}),
        ("WITH (DELIMITER '|')", {"delimiter": "|"}),
        ("WITH (NULL 'NULL')", {"null": ["NULL"]}),
    ],
)
@pytest.mark.parametrize("end", [b"", b"\\.\n"])
def test_what_copy_writes_as_text_is_read_cell_by_cell(tmp_path, postgresql, options, keys, end):
    data = _copied(postgresql, f"COPY t TO STDOUT {options}") + end
    # COPY itself writes a null and the text of its null word alike where that word has no backslash.
    rows = [tuple(None if keys.get("null") and cell == "NULL" else cell for cell in row) for row in ROWS]

    assert cells(tmp_path, data, preset="postgresql", **keys) == rows


def test_what_copy_writes_as_csv_tells_quoted_texts_from_nulls(tmp_path, postgresql):
    data = _copied(postgresql, "COPY t TO STDOUT WITH (FORMAT csv, NULL 'NULL')")
    keys = {"header": False, "null": {"words": ["NULL"], "quoted": False}}

    assert cells(tmp_path, data, **keys) == ROWS
