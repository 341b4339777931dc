"""Files of other encodings: read as Python decodes them, and rejected with the bytes that they came with."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.decode import transcoding
from bucketlift.tabular.decode.transcoding import Text, as_utf8
from budgets import examples
from unit.tabular.files import a_contract, a_reject, read

ENCODINGS = (
    "utf-16",
    "utf-16-le",
    "utf-16-be",
    "utf-32",
    "cp1252",
    "latin-1",
    "cp1250",
    "iso-8859-15",
    "koi8-r",
    "shift_jis",
    "cp932",
    "euc_jp",
    "big5hkscs",
    "gb18030",
    "cp037",
)


ENCODING = (HeldReason.WRONG_ENCODING, HeldReason.DOUBTFUL_ENCODING)


def read_as(tmp_path, data: bytes, encoding: str, **dialect):
    return read(tmp_path, data, a_contract(dialect=Dialect(encoding=encoding, **dialect)))


def said(tmp_path, data: bytes, encoding: str) -> Hold:
    hold: Hold | None = read_as(tmp_path, data, encoding).reading.hold
    assert hold is not None
    assert hold.reason in ENCODING
    return hold


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_rejects_keep_the_bytes_and_the_offsets_of_the_file_as_it_came(tmp_path, encoding):
    special = "".join(each for each in "éя€名😀" if _knows(encoding, each))
    lines = ["id,name\n", f"1,{special}\n", f"2,{special},z\r\n", "3,x\n", f'4,"{special}\n', "5,q"]
    pieces = _pieces(lines, encoding)
    begins = [sum(map(len, pieces[:count])) for count in range(len(pieces))]

    outcome = read_as(tmp_path, b"".join(pieces), encoding)

    assert outcome.rows == [("1", special, 2), ("3", "x", 4), ("5", "q", 6)]
    assert outcome.rejects == [
        a_reject(3, begins[2], pieces[2], RejectReason.WIDTH),
        a_reject(5, begins[4], pieces[4], RejectReason.UNTERMINATED_QUOTE),
    ]


def _knows(encoding: str, character: str) -> bool:
    return bool(character.encode(encoding, "ignore")[len("".encode(encoding)) :])


def _pieces(lines: list[str], encoding: str) -> list[bytes]:
    """Each line's bytes; a byte order mark is a part of the first line alone."""
    mark = len("".encode(encoding))
    first, *rest = [line.encode(encoding) for line in lines]
    return [first, *(piece[mark:] for piece in rest)]


TEXT = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\ufeff"), max_size=30)


@settings(deadline=None, max_examples=examples(200))
@given(text=TEXT, encoding=st.sampled_from(ENCODINGS), block=st.integers(1, 9))
def test_the_text_is_what_python_decodes(tmp_path_factory, text, encoding, block):
    folder = tmp_path_factory.mktemp("text")
    data = f"id\n{text}".encode(encoding, "ignore")
    (folder / "file").write_bytes(data)
    usual, transcoding.BLOCK_BYTES = transcoding.BLOCK_BYTES, block
    try:
        dialect = Dialect(encoding=encoding)
        with as_utf8(folder / "file", dialect, folder / "scratch") as found:
            made = found.path.read_bytes().decode() if isinstance(found, Text) else None
    finally:
        transcoding.BLOCK_BYTES = usual

    if isinstance(found, Hold):
        assert found.reason in ENCODING
        assert "UTF" in found.what or "control character" in found.what
    else:
        assert made == data.decode(encoding)
    assert not (folder / "scratch").exists()


@settings(deadline=None, max_examples=examples(200))
@given(data=st.binary(min_size=1, max_size=40), encoding=st.sampled_from(ENCODINGS), block=st.integers(1, 9))
def test_the_byte_that_cannot_be_decoded_is_named(tmp_path_factory, data, encoding, block):
    folder = tmp_path_factory.mktemp("bytes")
    data = {"utf-16": codecs.BOM_UTF16_LE, "utf-32": codecs.BOM_UTF32_BE}.get(encoding, b"id") + data
    (folder / "file").write_bytes(data)
    try:
        data.decode(encoding)
        wrong = None
    except UnicodeDecodeError as error:
        wrong = error.start
    usual, transcoding.BLOCK_BYTES = transcoding.BLOCK_BYTES, block
    try:
        dialect = Dialect(encoding=encoding)
        with as_utf8(folder / "file", dialect, folder / "scratch") as found:
            pass
    finally:
        transcoding.BLOCK_BYTES = usual

    if wrong is not None:
        assert isinstance(found, Hold)
        if "no character" in found.what:
            assert found.what == f"Byte {wrong} is not a character of {charset(encoding).name}".replace(
                "utf-16 ", "utf-16-le "
            )


def test_utf_8_under_another_setting_is_told_and_not_loaded_as_other_letters(tmp_path):
    data = "id,name\n1,Zoë\n".encode()

    assert said(tmp_path, data, "cp1252") == Hold(
        reason=HeldReason.DOUBTFUL_ENCODING,
        what="The file is UTF-8 throughout, but the task's encoding is cp1252",
        hint=(
            "Set the task's `encoding: utf-8`. `bucketlift check --encodings FILE` shows the words in both. "
            "If the file is correct, accept the file, or set `contract: {encoding: accept}`."
        ),
    )
    for encoding in ("gb18030", "latin-1", "utf-16-le", "cp037"):
        assert "is UTF-8 throughout" in said(tmp_path, data + b"1", encoding).what


@pytest.mark.parametrize(
    ("encoding", "letters", "note"),
    [
        ("cp1252", b"\xc3\xa4", "The file is UTF-8 throughout, but the task's encoding is cp1252"),
        (
            "latin-1",
            b"\x80",
            "Byte 10 is a control character in iso8859-1, which text does not have",
        ),
    ],
)
def test_a_doubt_that_the_contract_accepts_is_told_and_the_letters_are_the_tasks(
    tmp_path, encoding, letters, note
):
    contract = a_contract(dialect=Dialect(encoding=encoding), policies=Policies(encoding=Policy.ACCEPT))

    outcome = read(tmp_path, b"id,name\n1," + letters + b"\n", contract)

    assert (outcome.rows, outcome.reading.notes) == ([("1", letters.decode(encoding), 2)], (note,))


def test_a_byte_that_cannot_be_read_holds_whatever_the_contract_accepts(tmp_path):
    contract = a_contract(dialect=Dialect(encoding="cp1252"), policies=Policies(encoding=Policy.ACCEPT))

    hold = read(tmp_path, b"id,name\n1,\x81\n", contract).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.WRONG_ENCODING


def test_ascii_is_legal_wherever_ascii_is_a_part(tmp_path):
    for encoding in ("cp1252", "latin-1", "gb18030", "shift_jis"):
        assert read_as(tmp_path, b"id,name\n1,x\n", encoding).rows == [("1", "x", 2)]


@pytest.mark.parametrize(
    ("encoding", "data", "what"),
    [
        ("utf-16", b"i\0d\0", "The file has no byte order mark, and utf-16 needs one (byte 0)"),
        (
            "utf-16-le",
            b"\xfe\xff\0i",
            "The file starts with the byte order mark of UTF-16, but the task's encoding is utf-16-le (byte 0)",
        ),
        (
            "utf-16",
            b"\xff\xfe\0\0i\0\0\0",
            "The file starts with the byte order mark of UTF-32, but the task's encoding is utf-16 (byte 0)",
        ),
        (
            "cp1252",
            b"\xff\xfei\0d\0",
            "The file starts with the byte order mark of UTF-16, but the task's encoding is cp1252 (byte 0)",
        ),
        ("cp1252", b"i\0d\0,\0n\0a\0m\0e\0\n\0", "The file looks like UTF-16 and not like cp1252 (byte 0)"),
        ("cp1252", b"id,name\n1,\x81\n", "Byte 10 is not a character of cp1252"),
        (
            "latin-1",
            b"id,name\n1,\x80\n",
            "Byte 10 is a control character in iso8859-1, which text does not have",
        ),
        ("shift_jis", b"PK\x03\x04\xff\xff", "The file is a zip archive, not text (byte 4)"),
    ],
)
def test_what_speaks_against_an_encoding_is_told(tmp_path, encoding, data, what):
    assert said(tmp_path, data, encoding).what == what


@pytest.mark.parametrize(
    ("encoding", "data", "named"),
    [
        ("cp1252", "id,name\n".encode("utf-16"), "`encoding: utf-16`"),
        ("cp1252", "id,name\n".encode("utf-16-le"), "`encoding: utf-16-le`"),
        ("latin-1", "id,name\n".encode("utf-16-be"), "`encoding: utf-16-be`"),
        ("cp1252", "id,name\n".encode("utf-32-be"), "`encoding: utf-32-be`"),
        ("utf-16", "id,name\n".encode("utf-16-le"), "`encoding: utf-16-le`"),
        ("utf-16", "id,name\n".encode("utf-16-be"), "`encoding: utf-16-be`"),
        ("utf-16", "id,name\n1,Zoë\n".encode(), "`encoding: utf-8`"),
    ],
)
def test_the_encoding_that_a_hint_names_reads_the_file(tmp_path, encoding, data, named):
    assert named in said(tmp_path, data, encoding).hint


@pytest.mark.parametrize(
    "name",
    [
        "utf-7",
        "idna",
        "punycode",
        "unicode_escape",
        "rot13",
        "base64",
        "iso2022_jp",
        "hz",
        "charmap",
        "no-such",
        "",
    ],
)
def test_codecs_that_are_not_fit_for_files_are_refused(name):
    with pytest.raises(RequestWrong):
        charset(name)


def test_a_mark_within_the_named_order_is_read_over(tmp_path):
    data = "\ufeffid,name\r\n1,é\r\n".encode("utf-16-be")

    assert read_as(tmp_path, data, "utf-16-be").rows == [("1", "é", 2)]
