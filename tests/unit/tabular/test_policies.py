"""What each policy makes of a file that differs from its contract, and where none of them lets it pass."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Contract, Dialect, Field, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from unit.tabular.files import a_contract, a_reject, read

IGNORE = Policy.IGNORE


def rows(tmp_path, data: bytes, contract: Contract, **settings):
    """The rows without their lines, and the notes."""
    outcome = read(tmp_path, data, contract, **settings)
    assert outcome.reading.hold is None, outcome.reading.hold
    assert outcome.rows is not None
    return [row[:-1] for row in outcome.rows], outcome.reading.notes


def held(tmp_path, data: bytes, contract: Contract, **settings) -> tuple[HeldReason, str]:
    hold = read(tmp_path, data, contract, **settings).reading.hold
    assert isinstance(hold, Hold)
    return hold.reason, hold.what


def policies(**words) -> Contract:
    return a_contract(policies=Policies(**words))


def dialect(*names: str, **marks) -> Contract:
    return a_contract(*names, dialect=Dialect(**marks))


def test_a_missing_field_can_be_taken_as_empty_and_is_told(tmp_path):
    contract = Contract(
        fields=(Field(name="id"), Field(name="name"), Field(name="age", type=TypeName.INTEGER)),
        policies=Policies(missing=Policy.ACCEPT),
    )

    assert rows(tmp_path, b"id\n1\n", contract) == (
        [("1", "", None)],
        ('Missing columns, read as empty: "name", "age"',),
    )


def test_a_missing_field_of_a_key_holds_whatever_the_policy(tmp_path):
    contract = policies(missing=Policy.ACCEPT)

    assert held(tmp_path, b"name\nx\n", contract, keys=[("id",)]) == (
        HeldReason.MISSING_COLUMN,
        'Missing columns: "id"',
    )


def test_a_missing_field_beside_an_unknown_column_holds_whatever_the_policy(tmp_path):
    contract = policies(missing=Policy.ACCEPT, extra=IGNORE)

    assert held(tmp_path, b"id,contact\n1,x\n", contract) == (
        HeldReason.MISSING_COLUMN,
        'Missing columns: "name"; columns that the sample does not have: "contact"',
    )


def test_a_file_of_no_known_column_is_held_whatever_the_policy(tmp_path):
    assert (
        held(tmp_path, b"a,b\n1,x\n", policies(missing=Policy.ACCEPT, extra=IGNORE))[0]
        is HeldReason.NO_HEADER
    )


def test_an_alias_is_the_field_and_both_at_once_hold(tmp_path):
    contract = Contract(fields=(Field(name="id"), Field(name="mail", aliases=("E-Mail", "email"))))

    assert rows(tmp_path, b"e-mail,id\nx,1\n", contract) == (
        [("1", "x")],
        ("Columns are in another order than in the sample", 'Columns under an alias: "e-mail" is "mail"'),
    )
    assert held(tmp_path, b"id,mail,email\n1,x,y\n", contract) == (
        HeldReason.DUPLICATE_COLUMN,
        'Repeated columns: "mail", "email"',
    )


def test_repeated_columns_that_are_no_fields_can_be_left_out(tmp_path):
    contract = policies(duplicate=IGNORE, extra=IGNORE)

    assert rows(tmp_path, b"id,note,name,Note\n1,p,x,q\n", contract) == (
        [("1", "x")],
        ('Columns that the sample does not have were left out: "note", "Note"',),
    )
    assert held(tmp_path, b"id,name,Name\n1,x,y\n", contract)[0] is HeldReason.DUPLICATE_COLUMN


def test_repeated_columns_are_left_out_though_other_extra_ones_are_held(tmp_path):
    contract = policies(duplicate=IGNORE)

    assert rows(tmp_path, b"id,note,name,Note\n1,p,x,q\n", contract) == (
        [("1", "x")],
        ('Columns that the sample does not have were left out: "note", "Note"',),
    )
    assert held(tmp_path, b"id,note,name,Note,pay\n1,p,x,q,9\n", contract) == (
        HeldReason.EXTRA_COLUMN,
        'Columns that the sample does not have: "pay"',
    )


def test_a_column_without_a_name_can_be_left_out_while_it_is_empty(tmp_path):
    outcome = read(tmp_path, b"id,name,\n1,x,\n2,Smith, John\n3,y,\n", policies(blank=IGNORE))

    assert outcome.rows == [("1", "x", 2), ("3", "y", 4)]
    assert outcome.rejects == [a_reject(3, 14, b"2,Smith, John\n", RejectReason.UNNAMED_CELL)]
    assert outcome.reading.notes == ("Columns without a name were left out: 3",)


PREAMBLE = b"Staff report\n\nid,name\n1,x\n"


def test_lines_above_the_header_hold_and_say_where_it_stands(tmp_path):
    assert held(tmp_path, PREAMBLE, a_contract()) == (
        HeldReason.PREAMBLE,
        "The header row is in line 3",
    )


@pytest.mark.parametrize(
    "contract", [policies(preamble=IGNORE), dialect(skip_lines=2), dialect(skip_lines=1)], ids=repr
)
def test_lines_above_the_header_can_be_left_out(tmp_path, contract):
    outcome = read(tmp_path, PREAMBLE, contract)

    assert outcome.rows == [("1", "x", 4)]
    lines = contract.dialect.skip_lines or 2
    assert outcome.reading.notes == (f"Lines above the table were left out: {lines}",)


@pytest.mark.parametrize("above", [b"1,x\n", b"1,x\n2,y\n", b"a,b,c\n1,2,3\n", b"Report,March,,\n"])
def test_no_row_is_left_out_with_the_lines_above_the_header(tmp_path, above):
    """As where a spreadsheet sorted the header in among its rows, or a file has two tables."""
    assert held(tmp_path, above + b"id,name\n3,z\n", policies(preamble=IGNORE, extra=IGNORE)) == (
        HeldReason.PREAMBLE,
        "Line 1 is above the table, but it could be a row",
    )


def test_skipped_lines_that_hold_the_header_hold_the_file(tmp_path):
    assert held(tmp_path, b"id,name\n1,x\n2,y\n", dialect(skip_lines=2)) == (
        HeldReason.PREAMBLE,
        "The header row is in line 1, and `skip_lines: 2` is set",
    )


def test_a_file_without_a_header_has_the_fields_in_their_order(tmp_path):
    outcome = read(tmp_path, b"\n1,x\n2\n3,z\n", dialect(header=False))

    assert outcome.rows == [("1", "x", 2), ("3", "z", 4)]
    assert outcome.rejects == [a_reject(3, 5, b"2\n", RejectReason.WIDTH)]
    assert outcome.reading.blank_lines == 1


@pytest.mark.parametrize("header", [b"id,name\n", b"\xef\xbb\xbfNAME, id\n", b"id,x\n"])
def test_a_header_where_none_should_be_is_no_row(tmp_path, header):
    assert held(tmp_path, header + b"1,x\n", dialect(header=False)) == (
        HeldReason.UNEXPECTED_HEADER,
        "Line 1 has column names; files of this task have no header row",
    )


def test_rows_are_not_skipped_as_lines_above_a_table_without_a_header(tmp_path):
    contract = dialect(header=False, skip_lines=2)

    assert rows(tmp_path, b"Report\nMarch,\n1,x\n", contract)[0] == [("1", "x")]
    assert held(tmp_path, b"Report\n0,w\n1,x\n", contract) == (
        HeldReason.PREAMBLE,
        "Line 2 is above the table, but it could be a row",
    )


TABLE = b"id,name\n1,x\n2,y\n"
BELOW = "Lines below the table were left out: {}"


@pytest.mark.parametrize(
    ("end", "lines"),
    [(b"\nTotal;2\n", 1), (b"\n\nTwo rows\nin all\n", 2), (b"\nNote\n\n\nMore\n\n", 2)],
)
def test_lines_that_a_blank_one_sets_off_can_be_left_out(tmp_path, end, lines):
    contract = policies(trailing=IGNORE)

    assert rows(tmp_path, TABLE + end, contract) == ([("1", "x"), ("2", "y")], (BELOW.format(lines),))
    assert len(read(tmp_path, TABLE + end).rejects) == lines


@pytest.mark.parametrize(
    "data",
    [
        TABLE + b"Total\n",  # set off by nothing: it may be a damaged record
        TABLE + b"\n3",  # cut: the file does not end with a line's end
        b"id,name\n\n1,x\n\n2,y\n\n3\n",  # every line is set off
        TABLE + b'\nHe said "no"\n',
        TABLE + b"\n" + b"note\n" * 11,
        TABLE + b"\nNote\n3,z\n",
    ],
)
def test_what_may_be_a_record_is_not_left_out(tmp_path, data):
    assert read(tmp_path, data, policies(trailing=IGNORE)).rejects == read(tmp_path, data).rejects != []


@pytest.mark.parametrize("end", [b"Total\n", b"Total,3", b"Total: 3 rows\nmade by night\n", b"\nTotal,,3\n"])
def test_a_footer_that_begins_as_the_dialect_says_is_left_out(tmp_path, end):
    assert rows(tmp_path, TABLE + end, dialect(footer=("Total",)))[0] == [("1", "x"), ("2", "y")]


@pytest.mark.parametrize(
    "end",
    [b'"Total","2"\n', b'"Total"', b'"Total, both","2"\n', b'" Total ","2"\nby hand\n"Total",""\n'],
)
def test_a_footer_may_have_quotes_where_it_is_a_record_by_itself(tmp_path, end):
    contract = dialect(footer=("Total", "Total, both"))
    data = b'"id","name"\n"1","x"\n' + end

    assert rows(tmp_path, data, contract) == ([("1", "x")], (BELOW.format(end.rstrip().count(b"\n") + 1),))


@pytest.mark.parametrize(
    "end",
    [
        b'"Totalia","2"\n',
        b'"Total"x,"2"\n',
        b'"Total","2\n',
        b'3,"\nTotal,""\n"\n',
        b'"Total","2"\n"4","z"\n',
    ],
)
def test_a_line_with_quotes_is_not_taken_for_a_footer(tmp_path, end):
    data = b'"id","name"\n"1","x"\n' + end

    assert read(tmp_path, data, dialect(footer=("Total",))) == read(tmp_path, data)


@pytest.mark.parametrize("end", [b"Totalia,3\n", b"Totalia\n", b"Total,3\n4,z\n"])
def test_a_row_is_not_taken_for_a_footer(tmp_path, end):
    contract = dialect(footer=("Total",))

    assert read(tmp_path, TABLE + end, contract) == read(tmp_path, TABLE + end)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"<!DOCTYPE html>\n<html><body>Sign in</body></html>\n", "an HTML page"),
        (b'[{"id": 1, "name": "x"}]\n', "JSON"),
        (b'<?xml version="1.0"?>\n<rows/>\n', "an XML document"),
        (b"-----BEGIN PGP MESSAGE-----\n\nhQ\n", "encrypted or signed with PGP"),
        (b"%PDF-1.7\n1 0 obj\n", "a PDF document"),
    ],
)
def test_what_is_no_table_is_named(tmp_path, data, kind):
    assert held(tmp_path, data, a_contract())[1].endswith(f". The file is {kind}")


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"\x1f\x8b\x08\0\xff", "compressed with gzip"),
        (b"PK\x03\x04\xff[Content_Types].xml", "an Excel workbook (.xlsx)"),
        (b"PK\x03\x04\xff", "a zip archive"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook (.xls) or another Office document"),
        (b"PAR1\x15\x04\xff", "a Parquet file"),
        (b"\x85\x01\x0c\x03\xff\xff", "encrypted with PGP"),
    ],
)
def test_bytes_that_are_no_text_are_named(tmp_path, data, kind):
    reason, what = held(tmp_path, data, a_contract())

    assert reason is HeldReason.NOT_UTF8
    assert what.startswith(f"The file is {kind}, not text (byte ")


def test_a_file_that_is_still_encrypted_may_have_been_encrypted_twice(tmp_path):
    hold = read(tmp_path, b"\x85\x01\x0c\x03\xff\xff").reading.hold

    assert hold is not None
    assert "encrypted twice" in hold.hint
