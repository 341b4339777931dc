"""Whether a file is UTF-8, and what is said where it is not."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import HeldReason, Hold
from bucketlift.tabular.encoding import first_invalid_byte, hold_unless_utf8

TEXT = "id,name\n1,Zoë\n2,Łukasz\n3,名前\n4,😀\n"


def hold(tmp_path, data: bytes) -> Hold | None:
    path = tmp_path / "some.csv"
    path.write_bytes(data)
    return hold_unless_utf8(path)


def what(tmp_path, data: bytes) -> str:
    found = hold(tmp_path, data)
    assert found is not None
    assert found.reason is HeldReason.NOT_UTF8
    return found.what


def test_every_kind_of_character_is_accepted(tmp_path):
    assert hold(tmp_path, TEXT.encode()) is None
    assert hold(tmp_path, TEXT.encode("utf-8-sig")) is None


@pytest.mark.parametrize(
    ("data", "offset"),
    [
        (b"\xff", 0),
        (b"abc\x80def", 3),
        (b"abc\xc0\xafdef", 3),  # an overlong slash
        (b"ab\xe0\x80\xaf", 2),  # overlong in three bytes
        (b"ab\xed\xa0\x80", 2),  # a surrogate
        (b"ab\xf4\x90\x80\x80", 2),  # beyond the last code point
        (b"ab\xc3", 2),  # cut at the end of the file
        ("é".encode() + b"\xe2\x82", 2),
    ],
)
def test_the_first_invalid_byte_is_named(data, offset):
    assert first_invalid_byte(BytesIO(data)) == offset


@settings(deadline=None)
@given(data=st.binary(max_size=40) | st.text(max_size=20).map(str.encode), block=st.integers(1, 9))
def test_block_ends_do_not_matter(data, block):
    try:
        data.decode("utf-8")
        expected = None
    except UnicodeDecodeError as error:
        expected = error.start

    assert first_invalid_byte(BytesIO(data), block) == expected


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("utf-16", "UTF-16"),
        ("utf-16-le", "UTF-16"),
        ("utf-16-be", "UTF-16"),
        ("utf-32", "UTF-32"),
        ("utf-32-le", "UTF-32"),
        ("utf-32-be", "UTF-32"),
    ],
)
def test_wide_encodings_are_recognised_with_and_without_their_mark(tmp_path, encoding, name):
    text = "id,name\n1,Anna\n2,Berta\n"

    assert what(tmp_path, text.encode(encoding)).startswith(f"The file is {name}, not UTF-8 (byte ")


def test_utf_16_is_explained(tmp_path):
    assert hold(tmp_path, "\ufeffid\n1\n".encode("utf-16-le")) == Hold(
        reason=HeldReason.NOT_UTF8,
        what="The file is UTF-16, not UTF-8 (byte 0)",
        hint="A spreadsheet's 'Unicode text' export makes it. Set the task's `encoding: utf-16`, or export as 'CSV UTF-8'.",
    )


def test_windows_1252_is_recognised(tmp_path):
    assert what(tmp_path, "id,name\n1,Zoë\n2,Jürgen\n".encode("cp1252")) == (
        "The file is not UTF-8: byte 12 cannot be read; it looks like Windows-1252 or Latin-1"
    )


def test_damage_in_a_utf_8_file_is_not_taken_for_another_encoding(tmp_path):
    assert what(tmp_path, "id,name\n1,Zoë\n2,".encode() + b"\xff\n") == (
        "The file is not UTF-8: byte 17 cannot be read"
    )


def test_some_nuls_do_not_make_a_file_utf_16(tmp_path):
    assert hold(tmp_path, b"id,name\n1,\0\0\0\0\0\0\0\0\0\0\n") is None
    assert hold(tmp_path, b"\0" * 100) is None
