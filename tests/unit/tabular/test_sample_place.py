"""Where the header of a sample is: lines above the table are left out only if the sample has them."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect
from bucketlift.tabular.header.sample_place import FRAMED, SampleTable, sample_table
from bucketlift.tabular.sample import read_sample, sample_rows

BEGINS = "The sample starts with its header: `skip_lines` applies only to files, not to the sample"
HAS_THEM = "The sample has the lines above the table that `skip_lines` leaves out: 1"


@pytest.mark.parametrize(
    ("text", "names", "note"),
    [
        ("Id,Name,City\n9,Zed,Bonn\n", ("Id", "Name", "City"), BEGINS),
        ("Id,Name\nZed,Bonn\nAl,Rome\n", ("Id", "Name"), BEGINS),
        ("Id,Name\n", ("Id", "Name"), BEGINS),
        ("BATCH 17\nId,Name\n9,Zed\n", ("Id", "Name"), HAS_THEM),
        ("BATCH 17\nId,Name\n", ("Id", "Name"), HAS_THEM),
        ("Report,,\nId,Name,City\n9,Zed,Bonn\n", ("Id", "Name", "City"), HAS_THEM),
        ("H,ACCTS,x\nId,Name,Amount\n1,Ann,10\n2,Bo,11\n", ("Id", "Name", "Amount"), HAS_THEM),
        ("Report of May\nValue\n1\n2\n", ("Value",), HAS_THEM),
        ("Value\n1\n2\n3\n", ("Value",), BEGINS),
    ],
)
def test_skip_lines_applies_to_a_sample_that_has_the_lines(tmp_path, text, names, note):
    path = tmp_path / "sample.csv"
    path.write_text(text)

    found = read_sample(path, Dialect(skip_lines=1))

    assert (found.names, found.notes, found.doubt) == (names, (note,), None)


@pytest.mark.parametrize("header", [True, False])
def test_a_header_line_applies_to_a_sample_that_has_the_lines(tmp_path, header):
    path = tmp_path / "sample.csv"
    dialect = Dialect(delimiter=";", header_line=3)
    if not header:
        dialect = Dialect(delimiter=";", skip_lines=2, header=False)

    path.write_text("Export\n2026-01-05\nId;Name\n9;Zed\n")
    long = read_sample(path, dialect)
    path.write_text("Id;Name\n9;Zed\n8;Al\n")
    short = read_sample(path, dialect)

    assert long.names == short.names == ("Id", "Name")


def test_an_expected_text_decides_where_the_header_of_a_sample_is(tmp_path):
    path = tmp_path / "sample.csv"
    dialect = Dialect(header_line=2, expect=("ACCTS",))

    path.write_text("H,ACCTS,x\nId,Name,City\nZed,Bo,Al\n")
    pinned = read_sample(path, dialect)
    path.write_text("Id,Name,City\nZed,Bo,Al\n")
    other = read_sample(path, dialect)

    assert pinned.names == other.names == ("Id", "Name", "City")


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("Id,Name\n9\tZed\n", (("9", "Zed"),)),
        ("Id,Name\n9,Zed\n", (("9", "Zed"),)),
        ("Id\tName\n9\tZed\n", (("9", "Zed"),)),
        ('"Id","Name"\n', ()),
    ],
)
def test_the_names_of_files_without_header_may_be_separated_by_commas(tmp_path, text, rows):
    path = tmp_path / "sample.csv"
    path.write_text(text)
    dialect = Dialect(delimiter="\t", quote=None, escape="\\", header=False)

    found = read_sample(path, dialect)
    assert (found.names, found.doubt) == (("Id", "Name"), None)
    assert sample_rows(path, dialect) == rows


def test_the_first_records_are_searched_only_in_the_first_part_of_a_sample():
    far = b"id,name\n" + b"\n" * FRAMED + b"1,a\n"

    table = sample_table(far, Dialect())

    assert isinstance(table, SampleTable)
    assert table.rows() == []
