"""The header row, and what happens where it comes again."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import Reading, RejectReason
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.header.header import MAX_HEADER_BYTES, Header, read_header

from .files import Outcome, a_contract, a_reject, read


def header(data: bytes) -> Header | Hold:
    return read_header(data, Marks.of(Dialect()))


def reason(data: bytes) -> HeldReason | None:
    found = header(data)
    return found.reason if isinstance(found, Hold) else None


def test_names_are_read_to_the_letter():
    assert header(b'id, Full Name ,"a,""b"""\n1') == Header(
        names=("id", " Full Name ", 'a,"b"'), offset=0, end=25, next_line=2, blank_lines=0
    )


def test_one_byte_order_mark_is_no_part_of_the_first_name():
    assert header(b"\xef\xbb\xbfid,name\r\n") == Header(
        names=("id", "name"), offset=3, end=12, next_line=2, blank_lines=0
    )


def test_every_byte_order_mark_at_the_beginning_is_left_out():
    found = header(b"\xef\xbb\xbf\xef\xbb\xbfid\n")

    assert isinstance(found, Header)
    assert found.names == ("id",)


def test_blank_lines_above_the_header_are_skipped_and_counted():
    assert header(b"\n\r\nid\n") == Header(names=("id",), offset=3, end=6, line=3, next_line=4, blank_lines=2)


def test_a_name_may_hold_a_line_end():
    assert header(b'"a\nb",c\n') == Header(names=("a\nb", "c"), offset=0, end=8, next_line=3, blank_lines=0)


def test_a_file_without_a_header_is_held():
    assert reason(b"\n\r\n") is HeldReason.NO_HEADER
    assert reason(b"\xef\xbb\xbf") is HeldReason.NO_HEADER


def test_a_header_that_breaks_a_rule_is_held():
    assert reason(b'a,b"c\n') is HeldReason.BROKEN_HEADER
    assert reason(b'a,"b\n1,2\n') is HeldReason.BROKEN_HEADER
    assert reason(b"a\rb\n") is HeldReason.BROKEN_HEADER
    assert reason(b"a,\0\n") is HeldReason.BROKEN_HEADER
    assert reason(b"a" * (MAX_HEADER_BYTES + 1)) is HeldReason.BROKEN_HEADER
    assert reason(b'"' + b"\n" * (MAX_HEADER_BYTES + 1) + b'"') is HeldReason.BROKEN_HEADER


def test_the_hold_of_a_broken_header_names_its_line_and_fault():
    assert header(b"\nid,\0\n1,a\n") == Hold(
        reason=HeldReason.BROKEN_HEADER,
        what="The header row in line 2 contains a NUL byte",
        hint="Write the file again with one clean header row; lines end with LF or CRLF.",
    )


def test_a_header_directly_below_the_header_is_one_reject(tmp_path):
    outcome = read(tmp_path, b"id,name\n\n ID ,Name\nid,name\n1,a\n")

    assert outcome == Outcome(
        reading=Reading(rows=1, rejected=2, blank_lines=1),
        rows=[("1", "a", 5)],
        rejects=[
            a_reject(3, 9, b" ID ,Name\n", RejectReason.REPEATED_HEADER),
            a_reject(4, 19, b"id,name\n", RejectReason.REPEATED_HEADER),
        ],
    )


def test_a_header_below_a_row_rejects_itself_and_everything_below(tmp_path):
    outcome = read(tmp_path, b'id,name\n1,a\nid,name\n2,b\n3\n4,x"y\n\nid,name\n')

    assert outcome == Outcome(
        reading=Reading(rows=1, rejected=5, blank_lines=1),
        rows=[("1", "a", 2)],
        rejects=[
            a_reject(3, 12, b"id,name\n", RejectReason.REPEATED_HEADER),
            a_reject(4, 20, b"2,b\n", RejectReason.BELOW_SECOND_HEADER),
            a_reject(5, 24, b"3\n", RejectReason.BELOW_SECOND_HEADER),
            a_reject(6, 26, b'4,x"y\n', RejectReason.BELOW_SECOND_HEADER),
            a_reject(8, 33, b"id,name\n", RejectReason.BELOW_SECOND_HEADER),
        ],
    )


def test_a_header_below_a_reject_begins_a_second_table_too(tmp_path):
    outcome = read(tmp_path, b"id,name\nbad\nid,name\n2,b\n")

    assert [each.reason for each in outcome.rejects] == [
        RejectReason.WIDTH,
        RejectReason.REPEATED_HEADER,
        RejectReason.BELOW_SECOND_HEADER,
    ]


@pytest.mark.parametrize("block_bytes", [0, 1 << 20])
def test_a_repeat_is_known_where_the_first_column_has_no_name(tmp_path, block_bytes):
    contract = a_contract("a", "b", policies=Policies(blank=Policy.IGNORE))

    outcome = read(tmp_path, b",a,b\n,1,2\n,a,b\n,3,4\n", contract, block_bytes=block_bytes)

    assert outcome.rows == [("1", "2", 2)]
    assert [each.reason for each in outcome.rejects] == [
        RejectReason.REPEATED_HEADER,
        RejectReason.BELOW_SECOND_HEADER,
    ]


@pytest.mark.parametrize("block_bytes", [0, 1 << 20])
def test_a_blank_line_of_one_column_is_a_reject_and_no_row_below_which_a_table_could_begin(
    tmp_path, block_bytes
):
    outcome = read(tmp_path, b"id\n\nid\n1\n", a_contract("id"), block_bytes=block_bytes)

    assert outcome.rows == [("1", 4)]
    assert [each.reason for each in outcome.rejects] == [
        RejectReason.BLANK_LINE,
        RejectReason.REPEATED_HEADER,
    ]


def test_a_repeat_is_known_whatever_letter_its_first_name_begins_with(tmp_path):
    contract = a_contract("Ärger", "x")

    outcome = read(tmp_path, "Ärger,x\n1,2\nÄRGER,X\n".encode(), contract)

    assert [each.reason for each in outcome.rejects] == [RejectReason.REPEATED_HEADER]


def test_a_repeat_with_a_byte_order_mark_of_its_own_is_known(tmp_path):
    outcome = read(tmp_path, b"\xef\xbb\xbfid,name\n1,a\n\xef\xbb\xbfid,name\n2,b\n")

    assert outcome.rows == [("1", "a", 2)]
    assert [each.reason for each in outcome.rejects] == [
        RejectReason.REPEATED_HEADER,
        RejectReason.BELOW_SECOND_HEADER,
    ]


@pytest.mark.parametrize("block_bytes", [0, 8, 1 << 20])
def test_a_quoted_repeat_with_a_byte_order_mark_is_known_though_the_mark_makes_its_quote_illegal(
    tmp_path, block_bytes
):
    data = b'\xef\xbb\xbf"id","name"\r\n"1","a"\r\n\xef\xbb\xbf"id","name"\r\n"2","b"\r\n'

    outcome = read(tmp_path, data, block_bytes=block_bytes)

    assert outcome.rows == [("1", "a", 2)]
    assert [each.reason for each in outcome.rejects] == [
        RejectReason.REPEATED_HEADER,
        RejectReason.BELOW_SECOND_HEADER,
    ]


def test_a_row_that_shares_some_names_with_the_header_is_a_row(tmp_path):
    outcome = read(tmp_path, b"id,name\nid,x\n")

    assert outcome.rows == [("id", "x", 2)]
