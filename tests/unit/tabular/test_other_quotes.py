"""Files whose cells stand in quotes of another kind than the task's: held, and read with the setting that is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import HeldReason
from bucketlift.tabular.sample import read_sample
from unit.tabular.files import a_contract, read

PAIRS = ("''", "``", "“”", "„“", "„”", "‘’", "«»", "»«", "‹›", "””")  # noqa: RUF001
PEOPLE = [("1", "Ann, B.", 2), ("2", "Bo", 3)]


def in_quotes(pair: str, *rows: tuple[str, ...]) -> bytes:
    lines = (",".join(f"{pair[0]}{cell}{pair[1]}" for cell in row) for row in rows)
    return "".join(f"{line}\n" for line in lines).encode()


def one(pair: str) -> str:
    return pair if pair[0] != pair[1] else pair[0]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("header", [b"", b"id,name\n"])
def test_a_file_in_quotes_of_another_kind_is_held_and_that_quote_reads_it(tmp_path, pair, header):
    rows = in_quotes(pair, ("1", "Ann, B."), ("2", "Bo"))
    data = (header or in_quotes(pair, ("id", "name"))) + rows

    hold = read(tmp_path, data).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_QUOTES
    assert read(tmp_path, data, a_contract(dialect=Dialect(quote=one(pair)))).rows == PEOPLE


@pytest.mark.parametrize("pair", PAIRS)
def test_a_first_file_in_quotes_of_another_kind_is_in_doubt(tmp_path, pair):
    path = tmp_path / "sample.csv"
    path.write_bytes(in_quotes(pair, ("id", "name"), ("1", "Ann")))

    found = [read_sample(path, dialect).doubt for dialect in (Dialect(), Dialect(header_given=True))]

    assert [doubt and doubt.reason for doubt in found] == [HeldReason.DOUBTFUL_QUOTES] * 2
    assert read_sample(path, Dialect(quote=one(pair))).names == ("id", "name")


@pytest.mark.parametrize(
    "data",
    [
        b"'id','name'\n1,'Ann'\n2,'Bo'\n",
        b"id,name,city\n1,'Ann','Rome'\n2,'Bo','Oslo'\n",
        b"'id', 'name'\n'1', 'Ann'\n",
        b"'id','name'\n'1','O'Neil'\n",
        b"'id','name'\n,'Ann'\n'2',\n",
        b"'id','name'\r\n'1','Ann'\r\n",
        b"'id','name'\n'1','two\nlines'\n",
        b"'id','name'\n",
    ],
)
def test_numbers_empty_cells_and_blanks_do_not_hide_other_quotes(tmp_path, data):
    contract = a_contract("id", "name", "city") if b"city" in data else a_contract()

    hold = read(tmp_path, data, contract).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_QUOTES


def test_double_quotes_are_another_kind_where_the_task_has_single_ones(tmp_path):
    hold = read(tmp_path, b'"id","name"\n"1","Ann"\n', a_contract(dialect=Dialect(quote="'"))).reading.hold

    assert hold is not None
    assert r'`dialect: {quote: "\""}`' in hold.hint


def test_files_without_a_header_are_held_too(tmp_path):
    contract = a_contract(dialect=Dialect(header=False))

    hold = read(tmp_path, b"'1','Ann'\n'2','Bo'\n", contract).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_QUOTES


CLEAN = {
    "apostrophes in some cells": "id,name\n1,O'Neil\n2,'t Hooft\n3,Bo\n",
    "some cells in apostrophes": "id,name\n1,'Ann'\n2,Bo\n",
    "a column of titles": "id,name\n1,“Dune”\n2,“Emma”\n",
    "a column of French titles": "id,name\n1,«Nana»\n2,«Zadig»\n",
    "both in one record of several": "id,name\n“A”,“B”\n2,Bo\n",
    "usual quotes around others": "id,name\n\"'1'\",Ann\n2,\"'Bo'\"\n",
    "feet and inches": "id,name\n5',6'\n6',7'\n",
}


@pytest.mark.parametrize("name", CLEAN)
def test_quotes_that_are_content_hold_no_file(tmp_path, name):
    assert read(tmp_path, CLEAN[name].encode()).reading.hold is None


def test_quotes_that_are_content_load_where_the_task_or_its_fields_say_so(tmp_path):
    data = in_quotes("''", ("id", "name"), ("1", "Ann"))
    named = a_contract("'id'", "'name'")

    outcomes = [
        read(tmp_path, data, contract).rows
        for contract in (named, replace(named, dialect=Dialect(quote=None)))
    ]

    assert outcomes == [[("'1'", "'Ann'", 2)]] * 2
