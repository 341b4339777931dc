"""Whether a file is UTF-8, and what is said where it is not."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import bucketlift
from bucketlift.errors import FileHeld
from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import Reading
from bucketlift.tabular.decode.encoding import first_invalid_byte, hold_unless_utf8
from bucketlift.tabular.decode.utf8_faults import BLOCK_BYTES, CHOOSE
from bucketlift.tabular.read.batch_read import BatchReader
from unit.tabular.files import a_contract, read

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
        hint="A spreadsheet's 'Unicode text' export writes this encoding. Set the task's `encoding: utf-16`, or export as 'CSV UTF-8'.",
    )


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Иванов"),
        ("koi8-r", "Пётр"),
        ("cp866", "Сидоров"),
        ("cp1252", "José"),
        ("cp1250", "Łukasz"),
        ("iso8859-7", "Αθήνα"),
        ("shift_jis", "山田"),
        ("gb18030", "张伟"),
        ("euc_kr", "김철수"),
        ("mac_roman", "José"),
    ],
)
def test_another_encoding_is_never_named_and_the_command_that_shows_all_is(tmp_path, encoding, text):
    found = hold(tmp_path, f"id,name\n1,{text}\n".encode(encoding))

    assert found is not None
    assert found.what.startswith("The file is not UTF-8: byte 1")
    assert found.hint == CHOOSE


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("1,Zoë\n2,".encode() + b"\xff\n", "The file is UTF-8 with one damaged byte: byte 9"),
        ("1,Zoë\n2,Jos".encode() + b"\xe9\n", "The file is UTF-8 with one damaged byte: byte 12"),
        (
            "1,Zoë,Łódź\n".encode() + b"\xff\n\xe9\n",
            "The file is UTF-8 with 2 damaged places: the first is byte 15",
        ),
        (
            "1,Zoë\n2,Zo".encode() + b"\xc3",
            "The file is UTF-8 and ends in the middle of a character (byte 11)",
        ),
        (b"1,\xf0\x9f\x98", "The file is UTF-8 and ends in the middle of a character (byte 2)"),
        ("1,Zoë;".encode() + b"\xc3;2\n", "The file is UTF-8 with one character that is cut (byte 7)"),
        (b"1,\xe5\x90;2\n", "The file is UTF-8 with one character that is cut (byte 2)"),
        (
            b"1,\xed\xa0\xbd\xed\xb8\x80\n2,\xed\xa0\xbd\xed\xb8\x81\n",
            "The file is CESU-8, not UTF-8: from byte 2 on, some characters are written as two surrogates",
        ),
        (
            "1,Zoë".encode() + b"\xed\xa0\xbd\xed\xb8\x80\n",
            "The file is CESU-8, not UTF-8: from byte 6 on, some characters are written as two surrogates",
        ),
    ],
)
def test_damage_in_utf_8_is_said_exactly_and_leads_to_no_other_encoding(tmp_path, data, said):
    found = hold(tmp_path, data)

    assert found is not None
    assert found.what == said
    assert "encoding:" not in found.hint
    assert "Ask the sender" in found.hint


def test_half_a_character_alone_may_be_either(tmp_path):
    found = hold(tmp_path, b"id,name\n1,Zo\xc3\n")

    assert found == Hold(
        reason=HeldReason.NOT_UTF8,
        what="The file is not UTF-8: byte 12 cannot be read. The byte is half a character of UTF-8, or the file has another encoding",
        hint=f"If a character was cut, ask the sender for the file again. Otherwise: {CHOOSE}",
    )


@pytest.mark.parametrize("size", [BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1])
def test_faults_are_counted_across_blocks(tmp_path, size):
    text = ("ë" * size).encode()[:size]

    found = what(tmp_path, text[: size - size % 2] + b"\xff" + "ëë".encode())

    assert found == f"The file is UTF-8 with one damaged byte: byte {size - size % 2}"


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff"])
def test_the_mark_of_utf_16_in_front_of_utf_8_is_said_to_be_that(tmp_path, mark):
    found = hold(tmp_path, mark + TEXT.encode())

    assert found == Hold(
        reason=HeldReason.WRONG_ENCODING,
        what="The file starts with the byte order mark of UTF-16, but the text after it is UTF-8 (byte 2)",
        hint=(
            "Ask the sender for the file without the first 2 bytes. They are the byte order mark of UTF-16, but the text after them is "
            "UTF-8."
        ),
    )


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text", ["id,name\n1,Иванов\n2,Петров\n", "имя,день\r\nЮлий,пять\r\n", "名,id\n山田,1\n"]
)
def test_utf_16_of_few_ascii_letters_is_read_by_the_encoding_that_is_named(tmp_path, encoding, text):
    path = tmp_path / "wide.csv"
    path.write_bytes(text.encode(encoding))

    with pytest.raises(FileHeld) as caught:
        bucketlift.read_file(path)

    assert f"`encoding: {encoding}`" in caught.value.hint
    rows = bucketlift.read_file(path, dialect={"encoding": encoding}).rows
    assert [rows.column_names, *map(list, zip(*rows.to_pydict().values(), strict=True))] == [
        line.split(",") for line in text.split()
    ]


def test_some_nuls_do_not_make_a_file_utf_16(tmp_path):
    assert hold(tmp_path, b"id,name\n1,\0\0\0\0\0\0\0\0\0\0\n") is None
    assert hold(tmp_path, b"\0" * 100) is None
    assert hold(tmp_path, b"id,name\n1,a\0b\n2,c\n") is None
    assert hold(tmp_path, b'id,name\n1, "Ann" \0\n\0"2", "Bo"\0') is None


@pytest.mark.parametrize("name", ["iso2022_jp", "iso2022_jp_2", "iso2022_kr"])
def test_escape_sequences_of_iso_2022_hold_a_file_by_the_name_of_the_encoding(tmp_path, name):
    path = tmp_path / "file.csv"
    path.write_bytes("id,name\n1,山田\n".encode(name))

    found = hold_unless_utf8(path)

    assert found is not None
    assert found.reason is HeldReason.NOT_UTF8
    assert name[:10].upper().replace("ISO2022_", "ISO-2022-") in found.what
    assert BatchReader(a_contract()).read([path.read_bytes()]) == [None]


def test_escape_sequences_of_terminals_hold_no_file(tmp_path):
    path = tmp_path / "file.csv"
    path.write_bytes(b"id,name\n1,\x1b[31mred\x1b[0m\n2,\x1b$ 5\n")

    assert hold_unless_utf8(path) is None


@pytest.mark.parametrize(
    "text", ["id,name\n1,山田\n", "id,name\n1,Zoë\n", "id;name\n1;Müller\n2;Bäcker + Co\n"]
)
@pytest.mark.parametrize(("encoding", "name"), [("utf-7", "UTF-7"), ("hz", "HZ")])
def test_utf_7_and_hz_hold_a_file_by_their_names_until_a_person_accepts_it(tmp_path, text, encoding, name):
    if encoding == "hz" and not text.isascii() and "山" not in text:
        text = text.replace("ë", "山").replace("ü", "田").replace("ä", "山")
    contract, data = a_contract(dialect=Dialect(delimiter=text[2])), text.encode(encoding)

    held = read(tmp_path, data, contract).reading
    accepted = read(tmp_path, data, replace(contract, policies=Policies(encoding=Policy.ACCEPT))).reading

    assert held.hold is not None
    assert held.hold.reason is HeldReason.DOUBTFUL_ENCODING
    assert held.hold.what.startswith(f"The file looks like {name} and not like UTF-8 (byte ")
    assert (accepted.hold, accepted.notes) == (None, (held.hold.what,))
    assert BatchReader(contract).read([data]) == [None]


@pytest.mark.parametrize(
    "text",
    [
        "+359888123456",
        "+14155552670",
        "+49 170 1234567",
        "ann+abc@example.com",
        "R+D",
        "C++",
        "3+4-5",
        "5 +- 2",
        "4.5%+APY",
        "4.5% +APY-based",
        "Alter+Ego",
        "Summer+Spring",
        "Coffee+Training",
        "a+b=c",
        "aGVsbG8+d29ybGQ=",
        "ssh-rsa AAAAB3NzaC1yc2E+AAAADAQABAAABgQC7+x",
        "~{name~}",
        "~{~a~}",
        "~/x",
        "+AAA-",
        "a+AGEAYg-b",
    ],
)
def test_plus_signs_and_tildes_of_ordinary_text_hold_no_file(tmp_path, text):
    assert read(tmp_path, f"id,name\n1,{text}\n2,{text}\n".encode()).reading == Reading(rows=2)
