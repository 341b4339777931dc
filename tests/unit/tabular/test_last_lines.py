"""Totals, counts and trailers at the end of files: held or named in a hint, and left out by the setting of the hint."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from ruamel.yaml import YAML

from bucketlift.model.contract import Dialect, Field, Policy
from bucketlift.model.hold import HeldReason
from bucketlift.model.types import TypeName
from bucketlift.model.workflow import RejectLimit
from unit.tabular.files import a_contract, read

CONTRACT = a_contract("id", "name", "amount")
ROWS = b"id,name,amount\n1,Ann,5\n2,Bo,7\n"
WANTED = [("1", "Ann", "5", 2), ("2", "Bo", "7", 3)]
LINES = {
    "a total below numbers": b"Total,,12\n",
    "a word of another language": b"Summe,,12\n",
    "in quotes": b'"Total","","12"\n',
    "in capitals with a colon": b"TOTAL:,,12\n",
    "a count": b"Total rows: 2,,\n",
    "a trailer": b"TRAILER,2,12\n",
    "two totals": b"Subtotal,,12\nGrand total,,12\n",
    "a total and an end": b"Grand total,,12\nEnd of report - 2 rows\n",
    "the word in another column": b",Total,12\n",
    "a sum": b"Total,x,12\n",
    "no line end": b"Total,,12",
    "CRLF": b"Total,,12\r\n",
    "a line of dashes above": b"-----,-----,-----\nTotal,,12\n",
    "a line of dashes above the number": b",,----\n,Total,12\n",
    "a whole line of dashes above": b"=============\nTotal,,12\n",
    "lines of dashes above and below": b"--,---,------\nTotal,,12\n==,===,======\n",
    "blank lines below": b"Total,,12\n\n\n",
    "an average below": b"Total,,12\nAverage,,6\n",
    "a sum without a label": b",,12\n",
    "a mark of SAP": b"*,,12\n",
    "a count first": b"2 rows,,\n",
    "a count of a database": b"(2 rows affected),,\n",
    "a page": b"Page 1 of 1,,\n",
    "a text after a blank line": b"\nGenerated,,\n",
}
CLEAN = {
    "a word inside": b"id,name,amount\nTotal,x,5\n2,Bo,7\n",
    "a company of that name": b"id,name,amount\nShell,Rome,5\nTotal,Oslo,7\n",
    "a company without a value": b"id,name,amount\nShell,,5\nTotal,,7\n",
    "one record": b"id,name,amount\nTotal,x,7\n",
    "a longer text": b"id,name,amount\nx,y,5\nTotal Energies,,5\n",
    "a line of dashes without a total": b"id,name,amount\n1,Ann,5\n--,--,--\n",
    "a blank line after each record": b"id,name,amount\nx,y,5\n\nz,w,6\n\nBo,,\n",
    "amounts that are no sum": b"id,name,amount\nx,y,5\nz,w,6\n,,12\n",
    "a number of a row that is a sum by chance": b"id,name,amount\n1,Ann,\n2,Bo,\n3,,\n",
    "sums by chance in sparse rows": b"id,name,amount\n,x,5\n,y,6\n,,11\n",
    "zeros": b"id,name,amount\nx,y,0\nz,w,0\n,,0\n",
    "rows below a subtotal": b"id,name,amount\nx,,5\ny,,7\nSubtotal,,12\nz,,3\n",
    "a company above a sparse row": b"id,name,amount\nShell,,5\nTotal,,7\nEsso,,8\n",
    "a word in a text": b"id,name,amount\n1,Total,12\n2,Sum,13\n",
}


def obeyed(hint: str) -> Dialect:
    found = re.search(r"`dialect: \{footer: (.*?)\}`", hint)
    assert found is not None, hint
    return Dialect(footer=tuple(YAML(typ="safe").load(found[1])))


@pytest.mark.parametrize("name", LINES)
def test_a_total_as_wide_as_the_table_is_held_and_the_footer_leaves_it_out(tmp_path, name):
    hold = read(tmp_path, ROWS + LINES[name], CONTRACT).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_FOOTER
    again = read(tmp_path, ROWS + LINES[name], replace(CONTRACT, dialect=obeyed(hold.hint)))
    assert (again.reading.hold, again.rows, again.rejects) == (None, WANTED, [])


@pytest.mark.parametrize("lines", [b"Total,,12\nNet of tax,,10\n", b"\nGenerated,,\nby Ann,,\n"])
def test_a_line_below_a_total_that_may_be_a_row_is_held_without_a_footer(tmp_path, lines):
    hold = read(tmp_path, ROWS + lines, CONTRACT).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_FOOTER
    assert "ask the sender for files without them" in hold.hint


def held_with_a_footer(folder, data, *names):
    contract = a_contract(*names)
    hold = read(folder, data, contract).reading.hold
    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_FOOTER
    return read(folder, data, replace(contract, dialect=obeyed(hold.hint))).rows


def test_a_count_of_the_rows_is_no_row(tmp_path):
    five = b"Name,City\n" + b"Ann,Reno\n" * 5
    four = b"Name\n" + b"Ann\n" * 4

    assert held_with_a_footer(tmp_path, five + b"Total,5\n", "Name", "City") == [
        ("Ann", "Reno", line) for line in range(2, 7)
    ]
    assert held_with_a_footer(tmp_path, four + b"Total: 4\n", "Name") == [
        ("Ann", line) for line in range(2, 6)
    ]


def test_a_total_is_the_sum_of_the_rows_without_their_subtotals(tmp_path):
    data = b"a,b,n\nA,,1\nB,,2\nSubtotal,,3\nC,,3\nD,,4\nSubtotal,,7\nTotal,,10\n"

    assert len(held_with_a_footer(tmp_path, data, "a", "b", "n")) == 5


def test_a_sum_with_a_decimal_comma_is_no_row(tmp_path):
    data = b'a,n\nA,"1.000,50"\nB,"2,25"\nTotal,"1.002,75"\n'

    assert len(held_with_a_footer(tmp_path, data, "a", "n")) == 2


@pytest.mark.parametrize("name", CLEAN)
def test_words_for_a_total_in_rows_hold_no_file(tmp_path, name):
    assert read(tmp_path, CLEAN[name], CONTRACT).reading.hold is None


def test_a_total_is_a_row_where_the_task_says_that_files_have_no_footer(tmp_path):
    contract = replace(CONTRACT, dialect=Dialect(footer_given=True))

    assert read(tmp_path, ROWS + b"Total,,12\n", contract).rows == [*WANTED, ("Total", "", "12", 4)]


NARROW = {
    "a count below a line of dashes": b"-----,-----,-----\n2 rows\n",
    "a count": b"Total rows: 2\n",
    "a count in quotes": b'"Total rows: 2"\n',
    "an end": b"***END OF FILE***\n",
    "lines of a report": b'\n\n"My report"\n"Copyright (c) 2000-2026 acme.com, inc."\n"Generated By: Ann 4/1/2026"\n',
    "a blank line and a count": b"\n2 rows\n",
}


@pytest.mark.parametrize("name", NARROW)
def test_last_lines_of_another_width_are_rejects_and_the_hint_leaves_them_out(tmp_path, name):
    data = ROWS + NARROW[name]

    hold = read(tmp_path, data, CONTRACT, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.TOO_MANY_REJECTS
    changed = replace(CONTRACT, policies=replace(CONTRACT.policies, trailing=Policy.IGNORE))
    if "trailing: ignore" not in hold.hint:
        changed = replace(CONTRACT, dialect=obeyed(hold.hint))
    again = read(tmp_path, data, changed)
    assert (again.reading.hold, again.rows, again.rejects) == (None, WANTED, [])


def test_a_total_that_a_typed_field_refuses_stays_a_reject_with_the_same_hint(tmp_path):
    fields = (Field(name="id", type=TypeName.INTEGER), *CONTRACT.fields[1:])
    contract = replace(CONTRACT, fields=fields)

    hold = read(tmp_path, ROWS + b"Total,,12\n", contract, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.TOO_MANY_REJECTS
    assert obeyed(hold.hint) == Dialect(footer=("Total",))


@pytest.mark.parametrize("line", [b"3,Cy\n", b"3,Cy,5,6\n", b"12\n", b"3,Cy"])
def test_a_broken_last_record_is_called_no_footer(tmp_path, line):
    hold = read(tmp_path, ROWS + line, CONTRACT, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert "footer" not in hold.hint


def test_a_header_that_is_shorter_than_its_rows_names_the_way_to_name_all_columns(tmp_path):
    data = b"id,name\n1,Ann,5\n2,Bo,7\n"

    hold = read(tmp_path, data, a_contract(), max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert "`columns: [column_1, column_2, column_3]`" in hold.hint
    assert "`dialect: {header: false, skip_lines: 1}`" in hold.hint
    again = replace(CONTRACT, dialect=Dialect(header=False, skip_lines=1))
    assert read(tmp_path, data, again).rows == WANTED


ROWS_READ_WRONGLY = {
    "all records have tabs": b"1\tAnn\t5\n2\tBo\t7\n",
    "all records have semicolons, and are wider": b"1;Ann;5;x\n2;Bo;7;y\n",
    "whole lines are in quotes": b'"1,Ann,5"\n"2,Bo,7"\n',
    "whole lines are in quotes, and have quotes": b'"1,""Ann, Jr"",5"\n',
    "the last record has semicolons": b"1,Ann,5\n2;Bo;7\n",
    "the last record has bars and blanks": b"1,Ann,5\n2| Bo| 7\n",
    "the last record is in quotes": b'1,Ann,5\n"2,Bo,7"\n',
    "most lines are words": b"1,Ann,5\nBo\nCy\n",
    "no line is a record": b"Ann\nBo\n",
}


@pytest.mark.parametrize("name", ROWS_READ_WRONGLY)
def test_a_footer_is_not_proposed_for_lines_that_may_be_rows(tmp_path, name):
    data = b"id,name,amount\n" + ROWS_READ_WRONGLY[name]

    hold = read(tmp_path, data, CONTRACT, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert "footer" not in hold.hint
    assert "trailing" not in hold.hint


def test_a_footer_is_not_proposed_for_ascii_below_utf16(tmp_path):
    data = "id,name\n1,Ann\n2,Bo\n".encode("utf-16") + b"3,Cyr\n"
    contract = a_contract(dialect=Dialect(encoding="utf-16"))

    hold = read(tmp_path, data, contract, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    assert "footer" not in hold.hint


def test_a_sentence_with_commas_below_the_rows_is_a_footer(tmp_path):
    data = ROWS + b'"Printed by Ann, Bo, and Cy"\n'

    hold = read(tmp_path, data, CONTRACT, max_rejected=RejectLimit(rows=0)).reading.hold

    assert hold is not None
    again = read(tmp_path, data, replace(CONTRACT, dialect=obeyed(hold.hint)))
    assert (again.reading.hold, again.rows, again.rejects) == (None, WANTED, [])
