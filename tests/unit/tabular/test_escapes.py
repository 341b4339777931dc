"""Escapes: what they stand for where they are legal, and a reject where they are not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.rows import RejectReason
from budgets import examples
from unit.tabular.files import a_contract, a_reject, read

ESCAPING = a_contract(dialect=Dialect(escape="\\"), policies=Policies(empty_rows=Policy.KEEP))


@pytest.mark.parametrize(
    ("record", "row"),
    [
        (rb'1,"a\"b"', ("1", 'a"b')),
        (rb"1,a\,b", ("1", "a,b")),
        (rb"1,\\", ("1", "\\")),
        (rb'1,"\\"', ("1", "\\")),
        (rb'1,"\\\""', ("1", '\\"')),
        (rb'1,"a""b\"c"', ("1", 'a"b"c')),
        (rb"1,\"a\"", ("1", '"a"')),
        (b"1,a\\\nb", ("1", "a\nb")),
        (b'1,"a\\\nb"', ("1", "a\nb")),
        (b'1,"a\nb"', ("1", "a\nb")),
    ],
)
def test_an_escaped_character_is_itself(tmp_path, record, row):
    outcome = read(tmp_path, b"id,name\n" + record + b"\n2,x\n", ESCAPING)

    below = 3 + record.count(b"\n")
    assert outcome.rows == [(*row, 2), ("2", "x", below)]
    assert outcome.rejects == []


@pytest.mark.parametrize("cell", [rb"\N", rb"C:\dir", b"a\\\r\nb", "\\é".encode()])
def test_an_escape_before_what_needs_none_is_a_reject(tmp_path, cell):
    record = b"1," + cell + b"\n"

    outcome = read(tmp_path, b"id,name\n" + record + b"2,x\n", ESCAPING)

    assert outcome.rejects[0] == a_reject(2, 8, record.split(b"\n", 1)[0] + b"\n", RejectReason.BAD_ESCAPE)
    assert outcome.rows == [("2", "x", 2 + record.count(b"\n"))]


def test_an_escape_at_the_end_of_the_file_is_a_reject(tmp_path):
    outcome = read(tmp_path, b"id,name\n1,x\\", ESCAPING)

    assert outcome.rejects == [a_reject(2, 8, b"1,x\\", RejectReason.BAD_ESCAPE)]


def test_an_escape_in_the_header_is_read_and_a_wrong_one_holds(tmp_path):
    contract = a_contract("id", "a,b", dialect=Dialect(escape="\\"))

    assert read(tmp_path, b"id,a\\,b\n1,x\n", contract).rows == [("1", "x", 2)]
    hold = read(tmp_path, b"id,a\\b\n1,x\n", contract).reading.hold
    assert hold is not None
    assert hold.what == "The header row in line 1 has an escape before a character that needs none"


def test_rejects_with_escapes_keep_their_bytes_in_any_encoding(tmp_path):
    record = '2,"ä\\"b\\\nc",x\n'
    contract = a_contract(dialect=Dialect(escape="\\", encoding="cp1252"))

    outcome = read(tmp_path, f"id,name\n1,ö\\,ö\n{record}3,x\n".encode("cp1252"), contract)

    assert outcome.rows == [("1", "ö,ö", 2), ("3", "x", 5)]
    assert outcome.rejects == [a_reject(3, 15, record.encode("cp1252"), RejectReason.WIDTH)]


CELLS = st.text(st.sampled_from('ab\\",;\nä\r'), max_size=6)


def _unquoted(cell: str) -> str:
    return "".join(f"\\{each}" if each in '\\",\n' else each for each in cell)


def _quoted(cell: str) -> str:
    return f'"{cell.replace(chr(92), chr(92) * 2).replace(chr(34), chr(92) + chr(34))}"'


@settings(deadline=None, max_examples=examples(150))
@given(rows=st.lists(st.tuples(CELLS, st.booleans(), CELLS, st.booleans()), max_size=5))
def test_what_is_written_with_escapes_is_read_back(tmp_path_factory, rows):
    def written(cell: str, quoted: bool) -> str:  # noqa: FBT001 - a row of the strategy
        return _quoted(cell) if quoted or not cell or "\r" in cell else _unquoted(cell)

    lines = [f"{written(a, p)},{written(b, q)}\n" for a, p, b, q in rows]
    data = ("id,name\n" + "".join(lines)).encode()

    outcome = read(tmp_path_factory.mktemp("escapes"), data, ESCAPING)

    begins = [2 + sum(line.count("\n") for line in lines[:number]) for number in range(len(lines))]
    assert outcome.rows == [(a, b, line) for (a, _, b, _), line in zip(rows, begins, strict=True)]
    assert outcome.rejects == []
