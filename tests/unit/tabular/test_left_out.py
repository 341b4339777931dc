"""Records that a policy decides about: empty rows, repeats of the header, page breaks, marks, control characters."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.decode import ending
from bucketlift.tabular.read import limits

from .files import a_contract, read

FILLER = "".join(f"{number},Filler\n" for number in range(1000, 2000))
"""Enough records that a file is read by blocks."""


@pytest.fixture(params=["", FILLER], ids=["record by record", "by blocks"])
def filler(request):
    return request.param


def cells(outcome):
    return [row[:-1] for row in outcome.rows if row[1] != "Filler"]


def reasons(outcome):
    return [(each.reason.value, each.raw) for each in outcome.rejects]


EMPTY = ",\n", '"",""\r\n', " ,\t\n", "  \n", ",,,\n"


@pytest.mark.parametrize("line", EMPTY)
def test_empty_rows_are_rejects_by_default(tmp_path, filler, line):
    outcome = read(tmp_path, f"id,name\n1,a\n{filler}{line}".encode())

    assert cells(outcome) == [("1", "a")]
    assert reasons(outcome) == [("empty-row", line.encode())]


@pytest.mark.parametrize("line", EMPTY)
def test_empty_rows_that_are_skipped_are_counted(tmp_path, filler, line):
    contract = a_contract(policies=Policies(empty_rows=Policy.SKIP))

    outcome = read(tmp_path, f"id,name\n{line}1,a\n{filler}{line}{line}2,b\n".encode(), contract)

    assert cells(outcome) == [("1", "a"), ("2", "b")]
    assert outcome.rejects == []
    assert "Empty rows were left out: 3" in outcome.reading.notes


@pytest.mark.parametrize("line", [",\n", '"",""\n'])
def test_empty_rows_that_are_kept_are_counted(tmp_path, filler, line):
    contract = a_contract(policies=Policies(empty_rows=Policy.KEEP))

    outcome = read(tmp_path, f"id,name\n1,a\n{filler}{line}".encode(), contract)

    assert cells(outcome) == [("1", "a"), ("", "")]
    assert outcome.reading.notes == ("Empty rows were loaded: 1",)


def test_a_row_whose_only_cell_is_a_quote_is_not_empty(tmp_path, filler):
    outcome = read(tmp_path, f'id,name\n1,a\n{filler}"""",\n'.encode())

    assert cells(outcome) == [("1", "a"), ('"', "")]


def test_a_blank_line_of_one_column_is_the_empty_row(tmp_path):
    found = {
        policy.value: read(tmp_path, b"id\n1\n\n2\n", a_contract("id", policies=Policies(empty_rows=policy)))
        for policy in (Policy.HOLD, Policy.SKIP, Policy.KEEP)
    }

    assert {word: [row[0] for row in each.rows or ()] for word, each in found.items()} == {
        "hold": ["1", "2"],
        "skip": ["1", "2"],
        "keep": ["1", "", "2"],
    }
    assert {word: reasons(each) for word, each in found.items()} == {
        "hold": [("blank-line", b"\n")],
        "skip": [],
        "keep": [],
    }


SKIP_HEADERS = a_contract(policies=Policies(repeated_header=Policy.SKIP))


@pytest.mark.parametrize("contract", [SKIP_HEADERS, None], ids=["skip", "hold"])
def test_a_form_feed_in_quotes_belongs_to_its_cell(tmp_path, contract):
    file = b'id,name\n"\f1",a\n"\f",""\n'

    outcome = read(tmp_path, file, *([] if contract is None else [contract]))

    assert outcome.rows == [("\f1", "a", 2), ("\f", "", 3)]


@pytest.mark.parametrize("between", ["id,name\n", "\fid,name\r\n", "\f\nid,name\n", "\ufeffid,name\n"])
def test_a_repeated_header_is_skipped_if_the_contract_says_so(tmp_path, filler, between):
    outcome = read(tmp_path, f"id,name\n1,a\n{filler}{between}2,b\n{between}3,c\n".encode(), SKIP_HEADERS)

    assert cells(outcome) == [("1", "a"), ("2", "b"), ("3", "c")]
    assert outcome.rejects == []
    assert "Repeats of the header row were left out: 2" in outcome.reading.notes


def test_a_repeated_header_is_a_reject_with_all_records_below_it_by_default(tmp_path, filler):
    outcome = read(tmp_path, f"id,name\n1,a\n{filler}\ufeffid,name\n2,b\n".encode())

    assert cells(outcome) == [("1", "a")]
    assert reasons(outcome) == [
        ("repeated-header", "\ufeffid,name\n".encode()),
        ("below-second-header", b"2,b\n"),
    ]


def test_a_form_feed_before_a_record_makes_it_a_reject(tmp_path, filler):
    outcome = read(tmp_path, f"id,name\n\f1,a\n\f\n{filler}2,b\n".encode())

    assert cells(outcome) == [("2", "b")]
    assert reasons(outcome) == [("page-break", b"\f1,a\n"), ("page-break", b"\f\n")]


def test_form_feeds_are_left_out_with_repeats_of_the_header(tmp_path, filler):
    outcome = read(tmp_path, f"id,name\n\f1,a\n\f\n{filler}2,b\n".encode(), SKIP_HEADERS)

    assert cells(outcome) == [("1", "a"), ("2", "b")]
    assert "Lines with a page break only were left out: 1" in outcome.reading.notes


@pytest.mark.parametrize("marked", ["\ufeff3,c\n", '\ufeff"3",c\n', '\ufeff\ufeff"3","c"\n'])
def test_a_byte_order_mark_before_a_record_is_left_out_and_counted(tmp_path, filler, marked):
    contract = a_contract(dialect=Dialect(header=False))

    outcome = read(tmp_path, f"1,a\n{filler}2,b\n{marked}4,d\n".encode(), contract)

    assert cells(outcome) == [("1", "a"), ("2", "b"), ("3", "c"), ("4", "d")]
    assert outcome.reading.notes == (
        f"Byte order marks inside the file were left out: {marked.count(chr(0xFEFF))}",
    )


@pytest.mark.parametrize(("behind", "rows"), [("3,c\n", [("1", "a"), ("3", "c")]), ("", [("1", "a")])])
def test_thousands_of_byte_order_marks_in_a_row_are_left_out(tmp_path, filler, behind, rows):
    outcome = read(tmp_path, f"id,name\n1,a\n{filler}{chr(0xFEFF) * 3_000}{behind}".encode())

    assert (cells(outcome), reasons(outcome)) == (rows, [])


def test_control_characters_at_the_end_are_on_the_line_that_the_file_has_them_on(tmp_path, monkeypatch):
    monkeypatch.setattr(ending, "_PIECE", 13)  # ends within the code of the escaped line end
    contract = a_contract(dialect=Dialect(escape="\\"))

    outcome = read(tmp_path, b"id,name\n1,aa\\\nb\n2,c\x1a", contract)

    assert [(each.line, each.raw) for each in outcome.rejects] == [(4, b"\x1a")]


def test_a_byte_order_mark_within_a_record_stays(tmp_path, filler):
    outcome = read(tmp_path, f'id,name\n1,\ufeffa\n2,"x\n\ufeffb"\n{filler}'.encode())

    assert cells(outcome) == [("1", "\ufeffa"), ("2", "x\n\ufeffb")]


CONTROLS = "\x1a", "\f", "\x1a\r\n", "\n\x1a\x1a\0\0", "\f\n\x1a"


@pytest.mark.parametrize("tail", CONTROLS)
@pytest.mark.parametrize("names", [("id",), ("id", "name")])
def test_control_characters_at_the_end_are_a_reject_of_their_own(tmp_path, names, tail):
    record = ",".join("x" for _ in names)

    outcome = read(tmp_path, f"{','.join(names)}\n{record}\n{tail}".encode(), a_contract(*names))

    assert [row[:-1] for row in outcome.rows or ()] == [("x",) * len(names)]
    assert reasons(outcome)[-1] == ("trailing-controls", tail.lstrip("\n").encode())


@pytest.mark.parametrize(
    ("end", "tail"), [*(("\n", tail) for tail in CONTROLS), ("", "\x1a"), ("", "\f\x1a\0")]
)
def test_control_characters_at_the_end_are_left_out_if_the_dialect_says_so(tmp_path, end, tail):
    contract = a_contract(dialect=Dialect(trailing_controls=True))

    outcome = read(tmp_path, f"id,name\n1,a{end}{tail}".encode(), contract)

    assert cells(outcome) == [("1", "a")]
    assert outcome.rejects == []
    assert outcome.reading.notes[0].startswith("Control characters at the end of the file were left out")


def test_reading_ends_early_when_no_file_of_this_size_can_keep_to_its_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "ALWAYS_COUNTED", 10)
    monkeypatch.setattr("bucketlift.tabular.read.staged_writer.BATCH_ROWS", 16)
    data = b"id,name\n" + b"1\n" * 1000

    few = read(tmp_path, data, max_rejected=RejectLimit(rows=3)).reading.hold
    every = read(tmp_path, data)

    assert few is not None
    assert few.what == (
        "16 of the first 16 records are rejects, and the rest was not read; max_rejected allows 3 rows"
    )
    assert (every.reading.hold, every.reading.rejected) == (None, 1000)


def test_a_share_is_given_up_when_the_bytes_that_are_left_cannot_hold_enough_rows():
    give_up = limits.LimitCheck(limit=RejectLimit(percent=10), size=2_000_000, width=2)

    assert [give_up(0, limits.ALWAYS_COUNTED, read) for read in (1_600_000, 1_660_000)] == [False, True]
    assert not give_up(0, limits.ALWAYS_COUNTED - 1, 2_000_000)


@pytest.mark.parametrize("contract", [None, SKIP_HEADERS])
def test_a_header_in_another_order_makes_rejects_of_all_records_below_it(tmp_path, filler, contract):
    outcome = read(tmp_path, f"id,name\n1,a\n{filler}Name,id\nb,2\n".encode(), contract)

    assert cells(outcome) == [("1", "a")]
    assert reasons(outcome) == [("repeated-header", b"Name,id\n"), ("below-second-header", b"b,2\n")]
