"""The delimiter, the quote and the encoding of a sample are recognised, and settings that fit are kept."""

from __future__ import annotations

from typing import Any

import pytest

from bucketlift.service.editor.extracts import compiled_alone
from bucketlift.tabular.recognition import recognise


def dialect_of(settings):
    form = {"kind": "s3", "after_import": "keep", "dialect": dict(settings)}
    return compiled_alone(form).contract.dialect


def recognised(tmp_path, content: bytes, **known: Any) -> dict[str, Any]:
    path = tmp_path / "sample"
    path.write_bytes(content)
    return recognise(path, known, dialect_of)


@pytest.mark.parametrize(
    ("content", "settings"),
    [
        (b"id,name\n1,Ann\n", {}),
        (b"id\n1\n2\n", {}),
        (b"id;amount\n1;1.234,50\n2;7,00\n", {"delimiter": ";"}),
        (b"id;name, first;city\n1;John;Paris\n2;Bo;Rome\n", {"delimiter": ";"}),
        (b"id\tname\n1\tAnn\n", {"delimiter": "\t"}),
        (b"id|name\n1|Ann\n", {"delimiter": "|"}),
        ("編號;名稱\n1;Ann\n".encode(), {"delimiter": ";"}),
        (b'"id";"name"\n"1";"Ann, b"\n', {"delimiter": ";"}),
        (b"'id','name'\n'1','A,nn'\n", {"quote": "'"}),
        ("id;name\r\n1;José\r\n".encode("utf-16"), {"encoding": "utf-16", "delimiter": ";"}),
        ("id,name\r\n1,José\r\n".encode("utf-16-le"), {"encoding": "utf-16-le"}),
        (b"sep=;\nid;name\n1;2\n", {"header_line": 2, "delimiter": ";"}),
    ],
)
def test_the_format_of_a_sample_is_recognised(tmp_path, content, settings):
    assert recognised(tmp_path, content) == settings


@pytest.mark.parametrize(
    "content",
    [
        b'id;name\n1;"Ann\n2;Bo\n',  # a quote that is not closed
        b"id;name;city\n1;John\n2;Bo;Rome;x\n3;a;b\n",  # rows of several widths
        b"Report of May\n\nid;name\n1;Ann\n2;Bo\n",  # a title above the header
    ],
)
def test_semicolons_are_recognised_although_some_lines_cannot_be_read(tmp_path, content):
    assert recognised(tmp_path, content) == {"delimiter": ";"}


def test_a_single_column_is_not_split_at_a_sign_that_only_some_values_have(tmp_path):
    assert recognised(tmp_path, b"note\nfirst; second\nthird\nfourth\n") == {}


def test_an_encoding_is_never_guessed_from_bytes_that_are_not_utf_8(tmp_path):
    assert recognised(tmp_path, b"id,name\n1,Jos\xe9\n") == {}


def test_settings_with_which_the_sample_can_be_read_are_kept(tmp_path):
    known = {"encoding": "cp1252", "delimiter": ",", "trim": True}

    assert recognised(tmp_path, b"id,name\n1,Jos\xe9\n", **known) == known


def test_settings_that_do_not_fit_are_replaced_and_others_stay(tmp_path):
    known = {"encoding": "utf-16", "delimiter": "\t", "trim": True}

    assert recognised(tmp_path, "id;name\n1;José\n".encode(), **known) == {"delimiter": ";", "trim": True}


@pytest.mark.parametrize(
    ("content", "known"),
    [
        (b'id,name\n1,"Ann\n2,Bo\n3,Cy,x\n4,Di"\n', {"quote": "none"}),
        (b'id,name\n1,"Ann"\n2,"B,o"\n3,"Cy"\n', {"quote": "none"}),
        (b"id;name\n1;'Ann'\n2;'B;o'\n", {"delimiter": ";", "quote": '"'}),
        (b"id|name\n1|Ann\n2|Bo|x\n", {"delimiter": "|"}),
    ],
)
def test_given_settings_are_not_replaced_because_of_some_records_that_cannot_be_read(
    tmp_path, content, known
):
    assert recognised(tmp_path, content, **known) == known


def test_given_settings_with_which_no_record_can_be_read_are_replaced(tmp_path):
    assert recognised(tmp_path, b'id,name\n1,"A,nn"\n2,"B,o"\n', quote="none") == {}


def test_a_confirmed_header_keeps_a_name_with_another_delimiter(tmp_path):
    assert recognised(tmp_path, b"a;b\n1;2\n", header=True) == {"header": True}
