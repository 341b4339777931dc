"""NUL padding: a reject by default, left out where the dialect says so, and never taken out of a cell."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.contract import Contract, Dialect, Escapes, Field, LineEnd, Policies, Policy
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.model.workflow import NO_REJECTS
from bucketlift.tabular.decode import transcoding
from bucketlift.tabular.sample import read_sample

from .files import a_contract, a_reject, read

STRIP = a_contract(dialect=Dialect(trailing_nul=True))
FILLER = "".join(f"{number},Filler\n" for number in range(1000, 2000)).encode()
"""Enough records that a file is read by blocks."""


@pytest.fixture(params=[b"", FILLER], ids=["record by record", "by blocks"])
def filler(request):
    return request.param


def rows(outcome):
    return [row[:-1] for row in outcome.rows or () if row[1] != "Filler"]


def reasons(outcome):
    return [(each.reason, each.raw) for each in outcome.rejects]


PADDED = {
    "at the end of the file": (b"1,Ann\n2,Bo\n" + bytes(4096), 4096),
    "at the end of a file without a last line end": (b"1,Ann\n2,Bo" + bytes(7), 7),
    "at the end of records": (b"1,Ann\0\0\n2,Bo\0\0\0\r\n", 5),
    "behind quoted cells": (b'"1","Ann"\0\0\n2,"Bo"\0', 3),
    "before records": (b"\0" + b'1,Ann\r\n\0"2","Bo"\r\n\0', 3),
    "in a block between records": (b"1,Ann\n" + bytes(700) + b"2,Bo\n", 700),
    "in a line of its own": (b"1,Ann\n" + bytes(512) + b"\n2,Bo\n", 512),
    "between CR and LF": (b"1,Ann\r\0\n2,Bo\r\0\n", 2),
}


@pytest.mark.parametrize("kind", PADDED)
def test_padding_is_left_out_and_counted(tmp_path, filler, kind):
    below, count = PADDED[kind]

    outcome = read(tmp_path, b"id,name\n" + filler + below, STRIP)

    assert rows(outcome) == [("1", "Ann"), ("2", "Bo")]
    assert outcome.rejects == []
    assert f"NUL bytes at the end of records or of the file were left out: {count}" in outcome.reading.notes


@pytest.mark.parametrize("kind", PADDED)
def test_padding_rejects_records_by_default_and_the_hint_names_the_setting_that_reads_them(tmp_path, kind):
    held = read(tmp_path, b"id,name\n" + PADDED[kind][0], max_rejected=NO_REJECTS)

    assert {each.reason for each in held.rejects} <= {RejectReason.NUL, RejectReason.LONE_CR} | {
        RejectReason.BARE_QUOTE,
        RejectReason.INSIDE_BROKEN_RECORD,
        RejectReason.UNTERMINATED_QUOTE,
    }
    assert held.reading.hold is not None
    assert "Set `dialect: {trailing_nul: strip}`" in held.reading.hold.hint


INSIDE = b"1,An\0n\n", b'1,"An\0n"\n', b'1,"An\0\nn"\n', b'1,"An\n\0n"\n', b"1\0,Ann\n", b'1,"\0"\n'


@pytest.mark.parametrize("record", INSIDE)
def test_a_nul_inside_a_cell_stays_a_reject_with_its_own_bytes_and_place(tmp_path, filler, record):
    padded = b"7,Al\0\0\n\0"
    data = b"id,name\n" + padded + record + b"\0" + filler + b"2,Bo\0\n"

    outcome = read(tmp_path, data, STRIP)

    assert rows(outcome) == [("7", "Al"), ("2", "Bo")]
    begin = data.index(b"\0" + record)
    assert outcome.rejects == [a_reject(3, begin, b"\0" + record, RejectReason.NUL)]
    assert outcome.reading.hold is None


def test_no_setting_is_named_for_a_nul_inside_a_cell(tmp_path):
    held = read(tmp_path, b"id,name\n1,An\0n\n2,Bo\n", max_rejected=NO_REJECTS)

    assert held.reading.hold is not None
    assert held.reading.hold.hint.startswith("Look at the rejects")


def test_cells_of_several_lines_stand_beside_padding(tmp_path, filler):
    data = b"id,name\n" + filler + b'1,"An\nn"\0\0\n\0002,"say ""hi""\n"\0\n'

    outcome = read(tmp_path, data, STRIP)

    assert rows(outcome) == [("1", "An\nn"), ("2", 'say "hi"\n')]
    assert outcome.rejects == []


def test_rejects_inside_a_broken_record_keep_their_places(tmp_path):
    data = b'id,name\n1,Ann\0\n2,"x\ny"z\n3,Cy\0\0\n'

    outcome = read(tmp_path, data, STRIP)

    assert rows(outcome)[0] == ("1", "Ann")
    assert b"".join(each.raw for each in outcome.rejects) in data
    assert [each.offset for each in outcome.rejects][:2] == [data.index(b"2,"), data.index(b"y")]


def test_files_of_one_column_are_read_without_padding(tmp_path):
    contract = a_contract("id", dialect=Dialect(trailing_nul=True))

    outcome = read(tmp_path, b"id\0\n1\0\0\n\0002\n" + bytes(512), contract)

    assert outcome.rows == [("1", 2), ("2", 3)]
    assert outcome.rejects == []


def test_a_line_of_padding_alone_is_a_blank_line_of_one_column(tmp_path):
    contract = a_contract("id", dialect=Dialect(trailing_nul=True))

    held = read(tmp_path, b"id\n1\n\0\0\n2\n", contract)
    skipped = read(
        tmp_path, b"id\n1\n\0\0\n2\n", replace(contract, policies=Policies(empty_rows=Policy.SKIP))
    )

    assert reasons(held) == [(RejectReason.BLANK_LINE, b"\0\0\n")]
    assert skipped.rows == [("1", 2), ("2", 4)]


@pytest.mark.parametrize(
    ("dialect", "data"),
    [
        (Dialect(delimiter="||"), b"id||name\n1||Ann\0\n\x002||Bo\0"),
        (Dialect(line_end=LineEnd.CR), b"id,name\r1,Ann\0\r\x002,Bo\0"),
        (Dialect(line_end=LineEnd.CRCRLF), b"id,name\r\r\n1,Ann\0\r\r\n2,Bo\0\r\r\n\0"),
        (Dialect(quoted_lines=True), b'"id,name"\n"1,""Ann"""\0\n\0"2,Bo"\0'),
        (Dialect(quote="“”"), "id,name\n1,“Ann”\0\n\0“2”,Bo\0".encode()),
        (Dialect(quote=None), b"id,name\n1,Ann\0\n\x002,Bo\0"),
        (Dialect(blank_around_quotes=True), b'id,name\n1, "Ann" \0\n\0"2", "Bo"\0'),
        (Dialect(formula_guard=True), b'id,name\n="1",Ann\0\n\0="2",Bo\0'),
        (Dialect(escape="\\"), b"id,name\n1,Ann\0\n\x002,Bo\0"),
        (
            Dialect(delimiter="\t", quote=None, escape="\\", escapes=Escapes.MYSQL),
            b"id\tname\n1\tAnn\0\n\x002\tBo\0",
        ),
        (
            Dialect(delimiter="|", borders=True, trim=True),
            b"----\0\n|id|name|\0\n\0----\n|1|Ann|\0\0\n\0|2|Bo|\n\0\0",
        ),
        (Dialect(encoding="utf-16"), "\ufeffid,name\n1,Ann\0\n\0002,Bo\0\0".encode("utf-16-le")),
        (Dialect(encoding="utf-16-be"), "id,name\n1,Ann\0\n\0002,Bo\0\0".encode("utf-16-be")),
        (Dialect(encoding="cp1252"), b"id,name\n1,Ann\0\n\x002,Bo\0"),
        (Dialect(), b"\xef\xbb\xbf\0id,name\0\n1,Ann\0\n\x002,Bo\0"),
    ],
)
def test_padding_is_left_out_in_every_dialect(tmp_path, dialect, data):
    contract = a_contract(dialect=replace(dialect, trailing_nul=True))

    outcome = read(tmp_path, data, contract)

    assert outcome.reading.hold is None, outcome.reading.hold
    assert rows(outcome) == [("1", "Ann"), ("2", "Bo")]
    assert outcome.rejects == []


def test_an_escaped_line_end_before_a_nul_ends_no_record(tmp_path):
    dialect = Dialect(delimiter="\t", quote=None, escapes=Escapes.MYSQL, trailing_nul=True)
    record = b"1\tAn\\\n\0n\n"

    outcome = read(tmp_path, b"id\tname\n" + record + b"2\tBo\0\n", a_contract(dialect=dialect))

    assert rows(outcome) == [("2", "Bo")]
    assert reasons(outcome) == [(RejectReason.NUL, record)]


def test_a_utf_16_file_is_held_also_where_padding_is_left_out(tmp_path):
    outcome = read(tmp_path, "id,name\n1,Ann\n".encode("utf-16-le"), STRIP)

    assert outcome.reading.hold is not None
    assert outcome.reading.hold.what.startswith("The file is UTF-16")


@pytest.mark.parametrize("block", [1, 2, 3, 7, 64])
def test_padding_is_found_wherever_a_block_of_the_file_ends(tmp_path, monkeypatch, block):
    monkeypatch.setattr(transcoding, "BLOCK_BYTES", block)
    below = b'1,"An\0\nn"\n2,"Bo\nx"' + bytes(70) + b"\r\n" + bytes(70) + b"3,Cy" + bytes(40) + b"\n"

    outcome = read(tmp_path, b"id,name\n" + below + bytes(50), STRIP)

    assert rows(outcome) == [("2", "Bo\nx"), ("3", "Cy")]
    assert outcome.rejects == [a_reject(2, 8, b'1,"An\0\nn"\n', RejectReason.NUL)]


def test_a_file_without_a_nul_is_read_as_it_is(tmp_path, monkeypatch):
    monkeypatch.delattr(transcoding, "_transcoded")

    outcome = read(tmp_path, b"id,name\n1,Ann\n", STRIP)

    assert rows(outcome) == [("1", "Ann")]
    assert outcome.reading.notes == ()


def test_a_header_with_padding_is_held_with_the_setting_that_reads_the_file(tmp_path):
    data = b"id,name\0\n1,Ann\0\n"

    held = read(tmp_path, data).reading.hold

    assert held is not None
    assert held.hint == "Set `dialect: {trailing_nul: strip}`. Then this file can be read."
    assert rows(read(tmp_path, data, STRIP)) == [("1", "Ann")]


def test_a_sample_is_read_without_padding(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_bytes(b"Id,Name\0\0\n1,Ann\0\n")

    assert read_sample(path, Dialect(trailing_nul=True)).names == ("Id", "Name")


def test_values_of_a_type_stand_before_padding(tmp_path):
    contract = Contract(
        fields=(Field(name="id"), Field(name="n", type=TypeName.INTEGER)), dialect=Dialect(trailing_nul=True)
    )

    outcome = read(tmp_path, b"id,n\n1,20\0\0\n", contract)

    assert rows(outcome) == [("1", 20)]
