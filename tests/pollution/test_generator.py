"""What polluted files are made of: checked against RFC 4180 as a grammar, which knows nothing of our reader."""

from __future__ import annotations

import pytest

from pollution.bases import BASES, clean, header_of
from pollution.case import Case, Fate
from pollution.generator import some_cases
from pollution.grammar import legal
from pollution.tables import TABLES

EVERY = 40


def is_legal(case: Case) -> bool:
    """Whether the file keeps RFC 4180 with the header on top, and not in it once more."""
    header = header_of(case.base).data
    width, delimiter = case.base.table.width, case.base.style.delimiter
    begins = case.data.startswith(header) and case.data.count(header) == 1
    return begins and legal(case.data[len(header) :], delimiter=delimiter, width=width)


@pytest.mark.parametrize("base", BASES, ids=lambda base: base.name)
def test_a_clean_file_keeps_rfc_4180(base):
    data = b"".join(piece.data for piece in clean(base))

    assert legal(data, delimiter=base.style.delimiter, width=base.table.width)


def test_no_row_is_there_twice():
    assert [table.name for table in TABLES if len(set(table.rows)) != len(table.rows)] == []


@pytest.mark.slow
def test_no_damaged_file_is_a_legal_file_of_another_table():
    # Lines of delimiters are legal rows, and rejects by the contract.
    cases = (case for case in some_cases(EVERY) if case.kind != "lines of delimiters")
    damaged = (case for case in cases if any(each.fate is Fate.REJECT for each in case.pieces))

    assert [case.name for case in damaged if is_legal(case) and not case.refused] == []


@pytest.mark.parametrize(
    ("records", "width"),
    [
        (b"1,2\n1,2\n", 2),
        (b'1,"2\n"\r\n"1","2"""', 2),
        (b'""\n', 1),
        (b",\n,", 2),
        (b"", 2),
    ],
)
def test_the_grammar_knows_legal_records(records, width):
    assert legal(records, delimiter=",", width=width)


@pytest.mark.parametrize(
    ("records", "width"),
    [
        (b"1\n", 2),
        (b"1,2,3\n", 2),
        (b'1,"2\n', 2),
        (b'1,2"\n', 2),
        (b'1,"2"x\n', 2),
        (b"1\r,2\n", 2),
        (b"1,\x002\n", 2),
        (b"\n", 1),
    ],
)
def test_the_grammar_knows_illegal_records(records, width):
    assert not legal(records, delimiter=",", width=width)
