"""Lines above the header and records below it that are no data."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.hold import HeldReason
from bucketlift.model.types import TypeName
from unit.tabular.files import a_contract, read
from unit.tabular.test_policies import held, rows


def test_the_header_is_taken_from_its_line_whatever_stands_above(tmp_path):
    contract = a_contract(dialect=Dialect(header_line=3))

    assert rows(tmp_path, b"id,name\n7,Zed\nid,name\n1,Ann\n", contract) == (
        [("1", "Ann")],
        ("Lines above the table were left out: 2",),
    )


def test_a_header_on_another_line_is_told_and_not_searched_for(tmp_path):
    contract = a_contract(dialect=Dialect(header_line=3), policies=Policies(preamble=Policy.IGNORE))

    hold = read(tmp_path, b"Report\nid,name\n1,Ann\n", contract).reading.hold

    assert hold is not None
    assert (hold.reason, hold.what) == (
        HeldReason.PREAMBLE,
        "The header row is in line 2, and `header_line: 3` is set",
    )
    assert hold.hint.startswith("Set `dialect: {header_line: 2}`")


def test_the_texts_above_are_expected_in_their_order(tmp_path):
    contract = a_contract(dialect=Dialect(header_line=4, expect=("Batch", "2026")))

    assert rows(tmp_path, b"x\nBatch 7\n5.1.2026\nid,name\n1,Ann\n", contract)[0] == [("1", "Ann")]
    assert held(tmp_path, b"2026\nx\nBatch 7\nid,name\n1,Ann\n", contract) == (
        HeldReason.UNEXPECTED_LINES,
        'The 3 lines above the table do not contain "2026", or contain the texts of `expect` in another order',
    )


BANK = b"H|ACCTS|20260301\n1001|Ann|10.00\n1002|Bo|20.50\nT|3|31.50\n"


def test_a_line_as_wide_as_a_record_is_skipped_in_files_without_header_if_its_text_is_expected(tmp_path):
    dialect = Dialect(delimiter="|", header=False, skip_lines=1, footer=("T|",))
    contract = a_contract("Id", "Name", "Amount", dialect=replace(dialect, expect=("H|ACCTS|",)))

    assert rows(tmp_path, BANK, contract) == (
        [("1001", "Ann", "10.00"), ("1002", "Bo", "20.50")],
        ("Lines above the table were left out: 1", "Lines below the table were left out: 1"),
    )
    hold = read(tmp_path, BANK, a_contract("Id", "Name", "Amount", dialect=dialect)).reading.hold
    assert hold is not None
    assert "set `contract: {preamble: accept}` (or name a text of it in `expect`)" in hold.hint
    accepted = a_contract("Id", "Name", "Amount", dialect=dialect, policies=Policies(preamble=Policy.ACCEPT))
    assert rows(tmp_path, BANK, accepted)[0] == [("1001", "Ann", "10.00"), ("1002", "Bo", "20.50")]


def test_two_header_rows_are_skipped_if_their_text_is_expected(tmp_path):
    data = b'Respondent,"Which tools?",,How?\n,Mail,Chat,Response\n9001,Mail,Chat,Very\n9002,,Chat,"So, so"\n'
    dialect = Dialect(header=False, skip_lines=2, expect=("Which tools?", "Response"))
    contract = a_contract("Respondent", "Mail", "Chat", "How", dialect=dialect)

    assert rows(tmp_path, data, contract)[0] == [
        ("9001", "Mail", "Chat", "Very"),
        ("9002", "", "Chat", "So, so"),
    ]


def test_records_below_the_header_are_left_out_and_kept_as_notes(tmp_path):
    data = b'id,name\n"Your\nid?",Name\n\n{},"' + b"x" * 300 + b'"\n1,Ann\n'

    read_both = [
        read(tmp_path, data, a_contract(dialect=Dialect(rows_below_header=2)), block_bytes=size)
        for size in (0, 1 << 20)
    ]

    assert read_both[0] == read_both[1]
    assert read_both[0].rows == [("1", "Ann", 6)]
    assert read_both[0].reading.blank_lines == 1
    assert read_both[0].reading.notes == (
        "Records below the header were left out: 2",
        'Left out below the header: "Your id?",Name',
        'Left out below the header: {},"' + "x" * 196 + "...",
    )


ODD = {
    "units": (1, "time,temp,wind\n(s),(degC),(m/s)\n0,12.1,3.0\n1,12.2,3.1\n"),
    "units above one record": (1, "time,temp\ns,degC\n0,12.1\n"),
    "one column of numbers": (1, "station,temp\n-,degC\nA,1.5\nB,2.5\nC,3.5\n"),
    "questions and import ids": (
        2,
        'Start,Q1\nStart Date,How old are you?\n"{""ImportId"":""startDate""}","{""ImportId"":""QID1""}"\n2026-01-05 10:00:00,33\n',
    ),
    "import ids of text": (
        2,
        'Q1,Q2\nWhy?,Who?\n"{""ImportId"":""QID1""}","{""ImportId"":""QID2""}"\nso,Ann\n',
    ),
    "types": (1, "id,name,born\nINT,VARCHAR(20),DATE\n1,Ann,2026-01-05\n2,Bo,2026-01-06\n3,Cy,2026-01-07\n"),
    "a second header": (1, "id,name,amount\nNumber,Customer,Total\n1,Ann,5.00\n2,Bo,6.00\n"),
    "types and units": (2, "id,temp\nint,float\n-,degC\n1,1.5\n2,2.5\n3,3.5\n"),
    "units above e-mails and dates": (1, "mail,at\naddress,UTC\na@x.org,2026-01-05\nb@x.org,2026-01-06\n"),
    "dashes below numbers": (1, "id,name\n-----------,-----\n1,Ann\n2,Bo\n"),
    "dashes below text": (1, "name,city\n----,----\nAnn,Rome\nBo,Oslo\n"),
    "dashes below one column": (1, "name\n====\nAnn\nBo\n"),
    "units above empty cells": (1, "a,b,c\nm,s,kg\n1,,3\n,2,4\n5,6,\n7,8,9\n"),
}
USUAL = {
    "numbers": "id,n\n1,5\n2,6\n3,7\n",
    "text": "name,city\nAnn,Rome\nBo,Oslo\n",
    "null words": "id,n\n1,n/a\n2,6\n3,7\n4,8\n",
    "null words alone": "n\nNULL\n6\n7\n8\n",
    "empty cells": "a,b\n,\n1,2\n3,4\n5,6\n",
    "a first record with a word in one column": "id,n,m\n1,closed,5\n2,6,7\n3,8,9\n",
    "mixed columns": "a,b\nx1,y\n5,6\nz,7\n",
    "a number with a sign": "n\n<5\n6\n7\n8\n",
    "a number with a unit": "n,m\n5 kg,3 m\n6,7\n8,9\n7,7\n",
    "one record": "id,n\nx,y\n",
    "two records of text and numbers": "a,b\nflat 3,x\n7,y\n",
    "dates in another form": "at,n\n5 Jan 2026,x\n2026-01-06,y\n2026-01-07,z\n2026-01-08,z\n",
    "a dash in each column": "name,city\n-,-\nAnn,Rome\nBo,Oslo\n",
    "dashes in one column": "name,city\n--,Rome\nBo,Oslo\n",
    "a code of another form": "code\nA-1\nEMP001\nEMP002\nEMP003\nEMP004\n",
    "a header again": "id,n\nid,n\n1,2\n3,4\n5,6\n",
}


@pytest.mark.parametrize(("count", "text"), ODD.values(), ids=ODD.keys())
def test_first_records_that_are_unlike_all_others_hold_the_file_until_their_number_is_said(
    tmp_path, count, text
):
    names = text.split("\n")[0].split(",")

    hold = read(tmp_path, text.encode(), a_contract(*names)).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.ROWS_BELOW_HEADER
    assert f"`dialect: {{rows_below_header: {count}}}`" in hold.hint
    for said in (count, 0):
        kept = read(
            tmp_path, text.encode(), a_contract(*names, dialect=Dialect(rows_below_header=said))
        ).reading
        assert kept.hold is None
        assert kept.rows == text.count("\n") - 1 - said


@pytest.mark.parametrize("text", USUAL.values(), ids=USUAL.keys())
def test_first_records_that_may_be_data_are_not_asked_about(tmp_path, text):
    names = text.split("\n")[0].split(",")

    assert read(tmp_path, text.encode(), a_contract(*names)).reading.hold is None


def test_the_type_of_a_field_shows_what_its_column_holds(tmp_path):
    fields = (
        Field(name="name"),
        Field(name="on", type=TypeName.BOOLEAN, true_words=("y",), false_words=("n",)),
    )

    assert held(tmp_path, b"name,on\ntext,flag\nAnn,y\nBo,n\nCy,n\n", Contract(fields=fields))[0] is (
        HeldReason.ROWS_BELOW_HEADER
    )


def test_columns_of_one_name_are_numbered_by_their_position(tmp_path):
    contract = a_contract("Id", "Amount", "Amount_2", policies=Policies(duplicate=Policy.NUMBER))

    assert rows(tmp_path, b"Id,Amount,Amount\n1,5.00,6.00\n", contract) == (
        [("1", "5.00", "6.00")],
        ('Columns with the same name were numbered: "Amount_2"',),
    )
    assert held(tmp_path, b"Id,Amount,Amount,Amount_2\n1,5,6,7\n", contract)[0] is HeldReason.DUPLICATE_COLUMN
    assert held(tmp_path, b"Id,Amount\n1,5\n", contract)[0] is HeldReason.MISSING_COLUMN


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [(b"id;name\n1;Ann\n", ";"), (b"id\tname\n1\tAnn\n", "\\t"), (b'"id"|"name"\n"1"|"Ann"\n', "|")],
)
def test_a_file_of_another_delimiter_is_held_with_the_setting_that_reads_it(tmp_path, data, delimiter):
    hold = read(tmp_path, data, a_contract()).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.WRONG_DELIMITER
    assert f'`dialect: {{delimiter: "{delimiter}"}}`' in hold.hint
    one = a_contract("id;name")
    hold = read(tmp_path, b"id\tname\n1\tAnn\n", one).reading.hold
    assert hold is not None
    assert hold.reason is HeldReason.WRONG_DELIMITER


FOOTERS = [
    (b'"1","a","b"\n"Total rows: 1","",""\n', ("Total rows",), 1),
    (b'"1","a","b"\n"Total rows: 1"\n', ("Total rows",), 1),
    (b"1,a,b\nEOF PUBLIC V2 3\n", ("EOF ",), 1),
    (b"1,a,b\nEOF\n", ("EOF ",), 1),
    (b"1,a,b\n  Total 1\n", ("Total",), 1),
    (b"1,a,b\nTotal,1,5\n", ("Total",), 1),
    (b"1,a,b\nTotal,1,5\n", ("Total,",), 1),
    (b"1,a,b\nTotal Energies,x,y\n", ("Total",), 2),
    (b"Total Energies,x,y\n1,a,b\n", ("Total",), 2),
    (b'"1","a","b"\n"Total Energies","x","5"\n', ("Total",), 2),
    (b"1,a,b\nTotals,,\n", ("Total",), 2),
    (b"1,a,b\nTotal: 3,,\n\nEnd of report\n", ("Total", "End"), 1),
]


@pytest.mark.parametrize(("body", "words", "count"), FOOTERS)
def test_a_footer_is_left_out_and_a_record_that_begins_like_one_is_not(tmp_path, body, words, count):
    contract = a_contract("x", "y", "z", dialect=Dialect(footer=words, rows_below_header=0))

    found, notes = rows(tmp_path, b"x,y,z\n" + body, contract)

    assert len(found) == count
    assert any(note.startswith("Lines below the table were left out") for note in notes) == (count == 1)


def test_a_footer_below_one_column_is_the_word_alone_or_has_a_colon(tmp_path):
    contract = a_contract("x", dialect=Dialect(footer=("Total",)))

    assert rows(tmp_path, b"x\na\nTotal: 1\n", contract)[0] == [("a",)]
    assert rows(tmp_path, b"x\na\nTotal Energies\n", contract)[0] == [("a",), ("Total Energies",)]
