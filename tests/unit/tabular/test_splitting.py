"""What can be told of a reject's cells is told, and never so much that it would load unseen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlift.model.contract import Dialect
from bucketlift.model.mending import Shape
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.rejects.splitting import Splitter

FIELDS = ("id", "name", "city")
PLAIN = Shape(columns={"id": 0, "name": 1, "city": 2}, width=3)


def cells(raw: bytes, reason: RejectReason = RejectReason.WIDTH, **how) -> tuple[str | None, ...]:
    split = Splitter(fields=FIELDS, dialect=how.get("dialect", Dialect()), shape=how.get("shape", PLAIN))
    return tuple(split.cells(Reject(line=2, offset=9, raw=raw, reason=reason)).values())


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        (b"1,Ann\n", ("1", "Ann", None)),
        (b"1,Ann,Rome,x\r\n", ("1", "Ann", None)),
        (b'1,"An"n,Rome\n', ("1", None, None)),
        (b'1,"Ann\n', ("1", None, None)),
        (b"1,A\0nn,Rome\n", ("1", None, "Rome")),
        (b"1,A\rnn,Rome\n", ("1", None, "Rome")),
        (b'"1","say ""hi""","two\nlines"', ("1", 'say "hi"', "two\nlines")),
        (b"\n", ("", None, None)),
    ],
)
def test_cells_are_told_from_the_left_as_far_as_the_record_is_whole(raw, told):
    assert cells(raw) == told


@pytest.mark.parametrize(
    "reason", [RejectReason.REPEATED_HEADER, RejectReason.TOO_LONG, RejectReason.BLANK_LINE]
)
def test_what_is_no_record_has_no_cells(reason):
    assert cells(b"id,name,city\n", reason) == (None, None, None)


def test_columns_are_found_where_the_file_has_them():
    moved = Shape(columns={"id": 2, "name": None, "city": 0}, width=4)

    assert cells(b"Rome,x,1,y\n", RejectReason.KEY_TWICE, shape=moved) == ("1", "", "Rome")


def test_a_broken_record_is_never_told_whole_although_what_broke_is_left_out():
    extra_at_the_end = Shape(columns={"id": 0, "name": 1, "city": 2}, width=4)

    assert cells(b'1,Ann,Rome,"x"y\n', shape=extra_at_the_end) == ("1", "Ann", None)


@pytest.mark.parametrize("reason", [RejectReason.INSIDE_BROKEN_RECORD, RejectReason.UNNAMED_CELL])
def test_what_only_looks_like_a_record_is_never_told_whole(reason):
    assert cells(b"1,Ann,Rome\n", reason) == ("1", "Ann", None)


def test_a_file_whose_columns_are_not_known_has_no_cells():
    assert cells(b"1,Ann,Rome\n", shape=None) == (None, None, None)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-be"])
def test_other_encodings_are_read_as_the_file_was(encoding):
    raw = "1,Zoë,Röm\n".encode("utf-16-le" if encoding == "utf-16" else encoding)

    assert cells(raw, RejectReason.KEY_TWICE, dialect=Dialect(encoding=encoding)) == ("1", "Zoë", "Röm")


def test_escapes_stand_for_what_they_mean():
    dialect = Dialect(quote=None, escape="\\")

    assert cells(b"1,a\\,b,Rome\n", RejectReason.KEY_TWICE, dialect=dialect) == ("1", "a,b", "Rome")


@given(st.binary(max_size=60), st.sampled_from([RejectReason.WIDTH, RejectReason.BARE_QUOTE]))
def test_any_bytes_are_told_without_an_error(raw, reason):
    assert len(cells(raw, reason)) == len(FIELDS)
