"""Files in the dialects that people send: cells and rejects come out exactly, whichever way the file is read."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Dialect, Escapes, LineEnd, Policies, Policy
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.decode import transcoding
from bucketlift.tabular.read import strategy
from budgets import examples
from unit.tabular.files import a_contract, a_reject, read

NAMES = ("Id", "Name", "City")


def reading(tmp_path, data: bytes, names=NAMES, **dialect):
    """What the file comes to; the way by blocks and the one record by record must agree."""
    contract = a_contract(*names, dialect=Dialect(**dialect))
    found = read(tmp_path, data, contract)
    assert read(tmp_path, data, contract, block_bytes=0) == found
    return found


@pytest.fixture(autouse=True)
def by_blocks(monkeypatch):
    """Small files are read by blocks, too, and rewritten a few characters at a time."""
    monkeypatch.setattr(strategy, "SMALL", 0)
    monkeypatch.setattr(transcoding, "BLOCK_BYTES", 61)


@pytest.mark.parametrize("delimiter", ["||", "\x01", "¦", "¶", "\xfe\x14", "~|~", "😀", "::", "\x1f"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
def test_any_characters_are_a_delimiter(tmp_path, delimiter, encoding):
    lines = [
        ("Id", "Name", "City"),
        ("1", "Ann\x1f", f'"Rome{delimiter}x"'),
        ("2", "Bo|x", "Öslo"),
        ("3", "cut"),
    ]
    data = "\n".join(delimiter.join(line) for line in lines).encode(encoding)

    found = reading(tmp_path, data, delimiter=delimiter, encoding=encoding)

    if delimiter == "\x1f":
        assert [reject.line for reject in found.rejects] == [2, 4]
        return
    assert found.rows == [("1", "Ann\x1f", f"Rome{delimiter}x", 2), ("2", "Bo|x", "Öslo", 3)]
    last = data.rindex("3".encode("utf-16-le" if encoding == "utf-16" else "utf-8"))
    assert found.rejects == [a_reject(4, last, data[last:], RejectReason.WIDTH)]


def test_a_delimiter_of_several_characters_is_read_from_the_left(tmp_path):
    found = reading(tmp_path, b"Id||Name||City\n1|||Ann||Rome\n", delimiter="||")

    assert found.rows == [("1", "|Ann", "Rome", 2)]


@pytest.mark.parametrize("quote", ["þ", "'", "^", "«"])
def test_any_character_is_a_quote(tmp_path, quote):
    q = quote
    data = f"Id,Name,City\n1,{q}Smith, {q}{q}J{q}{q}\n{q},x\n2,a{q}b,y\n3,{q}{q},z\n".encode()

    found = reading(tmp_path, data, quote=quote)

    begin = data.index(b"2,a")
    assert found.rows == [("1", f"Smith, {q}J{q}\n", "x", 2), ("3", "", "z", 5)]
    assert found.rejects == [a_reject(4, begin, f"2,a{q}b,y\n".encode(), RejectReason.BARE_QUOTE)]


def test_a_quote_may_be_a_pair(tmp_path):
    data = "Id,Name,City\n1,“Smith, John”,x\n2,“say ””hi””, “you”,5“ pipe\n“4”,q,r\n3,a”b,z\n".encode()

    found = reading(tmp_path, data, quote="“”")

    assert found.rows == [
        ("1", "Smith, John", "x", 2),
        ("2", "say ”hi”, “you", "5“ pipe", 3),
        ("4", "q", "r", 4),
    ]
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(5, RejectReason.BARE_QUOTE)]


def test_concordance_files_of_thorns_are_read(tmp_path):
    data = 'þIdþ\x14þNameþ\x14þCityþ\r\nþ1þ\x14þAnn, "A"þ\x14þRomeþ\r\n'.encode()

    assert reading(tmp_path, data, delimiter="\x14", quote="þ").rows == [("1", 'Ann, "A"', "Rome", 2)]


@pytest.mark.parametrize(
    ("line_end", "end"),
    [(LineEnd.LF, "\n"), (LineEnd.CRLF, "\r\n"), (LineEnd.CR, "\r"), (LineEnd.CRCRLF, "\r\r\n")],
)
def test_with_a_line_end_any_other_one_outside_quotes_makes_a_reject_and_is_content_inside(
    tmp_path, line_end, end
):
    others = [each for each in ("\n", "\r\n", "\r", "\n\r") if each != end and end not in each]
    for other in others:
        lines = ["Id,Name,City", f'1,"a{other}b{end}c",x', f"2,a{other}b,y", "3,c,z", ""]
        data = end.join(lines).encode()

        found = reading(tmp_path, data, line_end=line_end)

        counted = "\r" if line_end is LineEnd.CR else "\n"
        begins = [1 + end.join([*lines[:number], ""]).count(counted) for number in range(4)]
        assert found.rows == [("1", f"a{other}b{end}c", "x", begins[1]), ("3", "c", "z", begins[3])], other
        begin = data.index(b"2,a")
        raw = f"2,a{other}b,y{end}".encode()
        [reject] = found.rejects
        assert (reject.line, reject.offset, reject.raw) == (begins[2], begin, raw)
        assert reject.reason in (RejectReason.OTHER_LINE_END, RejectReason.LONE_CR)


def test_crlf_files_are_all_rejects_where_records_end_in_lf(tmp_path):
    found = reading(tmp_path, b"Id,Name,City\n1,a,b\r\n2,c,d\n", line_end=LineEnd.LF)

    assert found.rows == [("2", "c", "d", 3)]
    assert found.rejects == [a_reject(2, 13, b"1,a,b\r\n", RejectReason.OTHER_LINE_END)]


def test_records_that_begin_with_the_rest_of_a_crlf_are_rejects_where_cr_ends_records(tmp_path):
    found = reading(tmp_path, b"Id,Name,City\r1,a,b\r\n2,c,d\r3,e,f\r", line_end=LineEnd.CR)

    assert found.rows == [("1", "a", "b", 2), ("3", "e", "f", 4)]
    assert found.rejects == [a_reject(3, 19, b"\n2,c,d\r", RejectReason.OTHER_LINE_END)]


MYSQL = {"delimiter": "\t", "quote": None, "escape": "\\", "escapes": Escapes.MYSQL, "line_end": LineEnd.LF}
POSTGRESQL = {"delimiter": "\t", "quote": None, "escape": "\\", "escapes": Escapes.POSTGRESQL}


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (rb"a\tb\nc\rd", "a\tb\nc\rd"),
        (b"a\\\tb\\\nc", "a\tb\nc"),
        (rb"C:\\dir\\new", "C:\\dir\\new"),
        (rb"\\N", "\\N"),
        (rb"\Nx", "Nx"),
        (rb"\b\Z", "\b\x1a"),
        (rb"\q\"", 'q"'),
        (b"a\rb", "a\rb"),
    ],
)
def test_the_escapes_of_mysql_mean_what_they_mean_there(tmp_path, cell, text):
    data = b"Id\tName\tCity\n1\t" + cell + b"\tx\n2\tb\ty\n"

    found = reading(tmp_path, data, **MYSQL)

    assert found.rows == [("1", text, "x", 2), ("2", "b", "y", 3 + cell.count(b"\n"))]


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (rb"a\tb\nc\rd\b\f\v", "a\tb\nc\rd\b\f\v"),
        (rb"\\N", "\\N"),
        (rb"x\\.y", "x\\.y"),
        (rb"\101\x42\303\251\xe2\x82\xac", "ABé€"),
        (rb"\q\x", "qx"),
        (b"a\\\nb", "a\nb"),
    ],
)
def test_the_escapes_of_postgresql_mean_what_they_mean_there(tmp_path, cell, text):
    data = b"Id\tName\tCity\n1\t" + cell + b"\tx\n2\tb\ty\n\\.\n"

    found = reading(tmp_path, data, **POSTGRESQL)

    assert found.rows == [("1", text, "x", 2), ("2", "b", "y", 3 + cell.count(b"\n"))]
    assert found.rejects == []
    assert found.reading.notes == ("Lines below the table were left out: 1",)


CELLS = st.one_of(st.none(), st.text(st.sampled_from('ab\\",;N\nä\r\t|\x1f'), max_size=6))
_MYSQL_CODES = str.maketrans({"\\": "\\\\", "\t": "\\\t", "\n": "\\\n", "\0": "\\0"})
_COPY_CODES = str.maketrans(
    {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\b": "\\b", "\f": "\\f", "\v": "\\v"}
)


@settings(deadline=None, max_examples=examples(100))
@given(rows=st.lists(st.tuples(CELLS, CELLS), max_size=5), program=st.sampled_from(["mysql", "postgresql"]))
def test_what_these_programs_write_is_read_back(tmp_path_factory, rows, program):
    codes = _MYSQL_CODES if program == "mysql" else _COPY_CODES
    lines = [
        "\t".join("\\N" if cell is None else cell.translate(codes) for cell in row) + "\n" for row in rows
    ]
    fields = a_contract("id", "name").fields
    dialect = Dialect(delimiter="\t", quote=None, escape="\\", escapes=Escapes(program))
    if program == "mysql":
        dialect = replace(dialect, line_end=LineEnd.LF)
    contract = a_contract(dialect=dialect, policies=Policies(empty_rows=Policy.KEEP))
    contract = replace(contract, fields=tuple(replace(each, null_words=("\\N",)) for each in fields))

    found = read(tmp_path_factory.mktemp("escapes"), ("id\tname\n" + "".join(lines)).encode(), contract)

    begins = [2 + "".join(lines[:number]).count("\n") for number in range(len(lines))]
    filled = [(row, line) for row, line in zip(rows, begins, strict=True) if any(row) or None in row]
    assert found.rows is not None
    assert [row for row in found.rows if row[:2] != ("", "")] == [
        (*row, line) for row, line in filled if row != ("", "")
    ]


def _written(cell: str, delimiter: str, quotes: str) -> str:
    return quotes[0] + cell.replace(quotes[-1], quotes[-1] * 2) + quotes[-1]


PIECES = st.sampled_from(
    ["|", "||", "a", "ä", '"', "þ", "\n", "\r", ",", "\x1f", "\x1e", "\r\n", "“", "”", " ", "="]
)


@settings(deadline=None, max_examples=examples(200))
@given(
    records=st.lists(st.lists(st.lists(PIECES, max_size=4).map("".join), min_size=1, max_size=4), max_size=8),
    unquoted=st.lists(st.booleans(), min_size=40, max_size=40),
    delimiter=st.sampled_from(["||", "¦", "\x01", ","]),
    quote=st.sampled_from(['"', "þ", "“”"]),
    line_end=st.sampled_from(list(LineEnd)),
    encoding=st.sampled_from(["utf-8", "utf-16-le", "gb18030"]),
)
def test_every_byte_of_a_file_is_in_a_row_or_in_a_reject(
    tmp_path_factory, records, unquoted, delimiter, quote, line_end, encoding
):
    """Whatever is broken: rejects have the bytes at their offset, and both ways give the same answer."""
    end = {LineEnd.CR: "\r", LineEnd.CRLF: "\r\n", LineEnd.CRCRLF: "\r\r\n"}.get(line_end, "\n")
    plain = iter(unquoted)
    lines = [
        delimiter.join(cell if next(plain, True) else _written(cell, delimiter, quote) for cell in record)
        for record in records
    ]
    data = end.join([f"id{delimiter}name", *lines]).encode(encoding)
    tmp_path = tmp_path_factory.mktemp("any")
    dialect = {"delimiter": delimiter, "quote": quote, "line_end": line_end, "encoding": encoding}

    found = reading(tmp_path, data, ("id", "name"), **dialect)

    empty = any(not any(cell.strip(" \t") for cell in record) for record in records)
    for reject in found.rejects:
        assert data[reject.offset : reject.offset + len(reject.raw)] == reject.raw
    offsets = [reject.offset for reject in found.rejects]
    assert offsets == sorted(set(offsets))
    if (
        found.reading.hold is None
        and all(len(record) == 2 for record in records)
        and not any(unquoted[:20])
        and not empty
    ):
        assert [row[:2] for row in found.rows] == [tuple(record) for record in records]
