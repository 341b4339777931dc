"""YAML 1.2 text to plain values: strict, bounded, and nothing guessed."""

import contextlib
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.definition.yaml.read import MAX_BYTES, MAX_DEPTH, read_yaml
from bucketlift.yaml_text import emit


def read(text):
    return read_yaml(text.encode(), "hr.yaml").value


def told(content):
    with pytest.raises(DefinitionWrong) as refused:
        read_yaml(content if isinstance(content, bytes) else content.encode(), "hr.yaml")
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("off", "off"),
        ("y", "y"),
        ("true", True),
        ("False", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("010", 10),
        ("0o10", 8),
        ("0x1F", 31),
        ("0b11", "0b11"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("-7", -7),
        ("1.5", 1.5),
        (".5", 0.5),
        ("1e3", 1000.0),
        ("-.inf", -math.inf),
        ("2026-11-01", "2026-11-01"),
        ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z"),
        ("0d", "0d"),
        ("1%", "1%"),
        ("'1'", "1"),
        ('"true"', "true"),
        ("!!str 1", "1"),
        ("|\n  a\n  b\n", "a\nb\n"),
        ("9" * 101, "9" * 101),
        ("\u0661", "\u0661"),
    ],
)
def test_a_plain_word_means_what_the_core_schema_says(text, value):
    assert read(f"a: {text}") == {"a": value}


def test_not_a_number_is_a_float_too():
    assert math.isnan(read("a: .nan")["a"])


def test_keys_are_text_as_they_stand():
    assert read("no: 1\non: 2\n2024: 3\n1.50: 4\ntrue: 5\n") == {
        "no": 1,
        "on": 2,
        "2024": 3,
        "1.50": 4,
        "true": 5,
    }


def test_an_alias_repeats_what_its_anchor_names_and_a_merge_key_is_a_key():
    assert read("a: &x [1, 2]\nb: *x\nc: {<<: *x}\n") == {"a": [1, 2], "b": [1, 2], "c": {"<<": [1, 2]}}


def test_each_key_and_item_knows_its_line():
    located = read_yaml(b"# top\na:\n  - b\n  - c: 1\n    d: {e: 2,\n      f: 3}\n", "hr.yaml")

    assert located.lines == {
        ("a",): 2,
        ("a", 0): 3,
        ("a", 1): 4,
        ("a", 1, "c"): 4,
        ("a", 1, "d"): 5,
        ("a", 1, "d", "e"): 5,
        ("a", 1, "d", "f"): 6,
    }


def test_a_byte_order_mark_and_windows_line_ends_are_accepted():
    assert read_yaml(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "hr.yaml").value == {"a": 1, "b": 2}


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "---\n...\n"])
def test_a_file_without_a_value_is_null(text):
    assert read(text) is None


BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n" for level in range(1, 8)
)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (
            "a: 1\nb:\n  c: 1\n  d: 2\n  c: 3\n",
            "the key `c` is repeated: hr.yaml line 5 (b). The key already occurs in line 3. Remove one of them.",
        ),
        (
            "a: 1\n---\nb: 2\n",
            "the file contains a second document: hr.yaml line 2. Keep one project per file; remove the line of three dashes.",
        ),
        ("a:\n\t- b\n", "the line is indented with a tab: hr.yaml line 2. Indent with spaces."),
        (
            "a: [1\nb: 2\n",
            "not YAML: expected ',' or ']', but got ':': hr.yaml line 2. Check quotes, brackets and indentation.",
        ),
        (
            "a: *b\n",
            "there is no complete anchor `&b` before this alias: hr.yaml line 1. Write the value itself in place of the alias.",
        ),
        (
            "a: &b [*b]\n",
            "there is no complete anchor `&b` before this alias: hr.yaml line 1. Write the value itself in place of the alias.",
        ),
        (BOMB, "more than 100,000 values, including the values of aliases: hr.yaml line 5. Split the file."),
        (
            "a: !!python/object/apply:os.system [ls]\n",
            "the value has a YAML tag: hr.yaml line 1. Remove the tag.",
        ),
        ("a: !env X\n", "the value has a YAML tag: hr.yaml line 1. Remove the tag."),
        ("? [a]\n: 1\n", "a key that is not plain text: hr.yaml line 1. Write keys as words."),
        ("[" * (MAX_DEPTH + 2), f"nested deeper than {MAX_DEPTH} levels: hr.yaml line 1. Use fewer levels."),
        (
            b"a: 1\nb: \xe9\n",
            "not UTF-8 at byte 8: hr.yaml line 2. Save the file as UTF-8 text.",
        ),
        (
            b"\x00\x01\x02PK",
            "not YAML: the file contains a control character: hr.yaml line 1. Save the file as plain UTF-8 text.",
        ),
        (
            b"#" * (MAX_BYTES + 1),
            "the file is larger than 1,048,576 bytes: hr.yaml line 1. Split the file into several projects.",
        ),
    ],
    ids=lambda each: "" if len(each) > 200 else None,
)
def test_what_is_not_one_bounded_document_is_refused_with_its_line(content, text):
    assert told(content) == text


@given(st.binary(max_size=60) | st.text("ab:-[]{}&*!|>'\"#%@`,? \n\t", max_size=40).map(str.encode))
def test_whatever_the_bytes_they_are_read_or_refused(content):
    with contextlib.suppress(DefinitionWrong):
        read_yaml(content, "hr.yaml")


PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
)


@pytest.mark.slow
@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"]), max_size=8), VALUES, min_size=1, max_size=4
    )
)
def test_what_is_written_reads_back_the_same(value):
    text = emit(value)

    assert json.dumps(read(text)) == json.dumps(value)
