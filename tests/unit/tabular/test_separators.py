"""A delimiter other than the task's is told by its name, and text with commas in it is not taken for one."""

from __future__ import annotations

import json

import pytest

import bucketlift
from bucketlift.errors import FileHeld
from bucketlift.model.contract import Dialect
from bucketlift.model.hold import HeldReason
from bucketlift.tabular.decode.rewriting import Rewriting
from bucketlift.tabular.header.separators import Separator, other_separator
from bucketlift.tabular.sample import read_sample

OTHER = {
    "semicolons": ("Id;Name;City\n1;Ann;Rom\n", ",", ";"),
    "tabs": ("Id\tName\n1\tAnn\n", ",", "\t"),
    "bars": ("Id|Name\n1|Ann\n", ",", "|"),
    "commas read with tabs": ("Id,Name\n1,Ann\n", "\t", ","),
    "commas with blanks behind, read with semicolons": ("Id, Name, City\n1, Ann, Rom\n", ";", ","),
    "formulas of one text": ('Id;Ort;Preis\n="01";Rom;1,50\n="02";Ulm;2,00\n', ",", ";"),
    "a header alone": ("Id;Name;City\n", ",", ";"),
    "decimal commas": ("Id;Preis\n1;2,50\n2;13,75\n", ",", ";"),
    "decimal commas in every line but the header": ("Id;Preis;Menge\n1;2,50;3\n2;3,50;4\n", ",", ";"),
    "decimal commas in some lines": ("Id;Preis\n1;2,50\n2;13\n3;7,1\n", ",", ";"),
    "a comma in the header, too": ("Id;Preis, EUR\n1;2,50\n2;13,75\n", ",", ";"),
    "quoted cells": ('"Id";"Name"\n"1";"Ann"\n"2";"Bo, Li"\n', ",", ";"),
    "quoted line breaks": ('Id;Note\n1;"a\nb"\n2;c\n', ",", ";"),
    "semicolons in quotes": ('Id;Note\n1;"a;b"\n2;"c;d;e"\n', ",", ";"),
    "a total at the end": ("Id;N\n1;2\n2;3\n3;4\n4;5\nTotal\n", ",", ";"),
    "blank lines": ("\nId;N\n\n1;2\n", ",", ";"),
    "carets": ("Id^N\n1^2\n", ",", "^"),
    "control characters": ("Id\x01N\n1\x012\n", ",", "\x01"),
    "a record with one cell too many": ("Id;Name;City\n1;Ann;Rom;x\n2;Bo;Oslo\n3;Cy;Bonn\n", ",", ";"),
    "commas, and a record with one cell too many": ("Id,Name,N\n1,a,2,x\n2,b,3\n3,c,4\n", ";", ","),
    "colons": ("id:name:home\n0:root:/root\n7:ann:/home/ann\n", ",", ":"),
    "colons, read with semicolons": ("id:name:n\n1:Ann, Li:2\n2:Bo, Ek:3\n", ";", ":"),
    "arrows": ("from->to\nSofia->Vienna\nRome->Oslo\n", ",", "->"),
    "semicolons, and times": ("At;N\n10:30;1\n11:45;2\n", ",", ";"),
    "semicolons, and a comma in each name": ("Last, First;N\nDoe, Al;2\nLee, Bo;3\n", ",", ";"),
}
NONE = {
    "commas read with commas": ("Id,Name\n1,Ann\n", ","),
    "semicolons within cells": ("Id,Tags\n1,a;b\n2,c;d\n", ","),
    "one column": ("Name\nAnn\nBo\n", ","),
    "one column of names": ("Name\nSmith; John\nDoe; Jane\n", ","),
    "one column of names below such a name": ("Last, First\nSmith, John\nDoe, Jane\n", ";"),
    "one column of text with commas": ("Note\nHello, you\nA, b, c\n", ";"),
    "one column with a comma here and there": ("City, State\nRome\nAustin, TX\n", ";"),
    "one quoted column": ('"Last, First"\n"Smith, John"\n"Doe, Jane"\n', ","),
    "ragged semicolons": ("a;b\nc\nd;e;f\ng\n", ","),
    "sentences with bars": ("Choice|Other\nyes\nno|maybe|so\nno\n", ","),
    "semicolons in half of all lines": ("Choice;Other\nyes;so\nno\nno;a;b\nyes;no\n", ","),
    "one column of names, and a record without a mark": ("Last; First\nSmith; John\nCher\nDoe; Jane\n", ","),
    "bars, and dashes in no line of their own": ("Choice|Other\nyes\nno ---|so\n", ","),
    "times": ("At\n10:00\n11:30\n", ","),
    "times below their format": ("hh:mm:ss\n10:00:00\n11:30:15\n", ","),
    "times, and a header with a colon": ("Start: UTC\n10:00\n11:30\n", ","),
    "ratios": ("w:h\n16:9\n4:3\n", ","),
    "URLs": ("URL\nhttps://example.com:80/a\nhttps://example.com:81/b\n", ","),
    "URLs below one": ("https://example.com/a\nhttps://example.com/b\nhttps://example.com/c\n", ","),
    "hosts and ports": ("host:port\nlocalhost:80\nexample.com:443\n", ","),
    "names of namespaces": ("dc:title\nurn:x\nurn:y\n", ","),
    "IPv6 addresses": ("address\nfe80:1:2:3\nfe80:1:2:4\n", ","),
    "MAC addresses": ("mac\naa:bb:cc:dd:ee:ff\naa:bb:cc:dd:ee:00\n", ","),
    "prose with colons": ("Note: a: b\nSee: x: y\nBut: z: w\n", ","),
    "prose with arrows": ("a -> b\nx -> y\nv -> w\n", ","),
    "commas, and times": ("a:b:c,n\n1:2:x,1\n3:4:y,2\n", ","),
    "arrows below a plain header": ("Route\nSOF->VIE\nVIE->OSL\n", ","),
}


@pytest.mark.parametrize(("text", "own", "delimiter"), OTHER.values(), ids=OTHER.keys())
def test_another_delimiter_that_is_in_all_lines_is_found(text, own, delimiter):
    assert other_separator(text.encode(), Dialect(delimiter=own), 0) == Separator(delimiter=delimiter)


@pytest.mark.parametrize(("text", "own"), NONE.values(), ids=NONE.keys())
def test_text_that_holds_another_mark_is_not_taken_for_separated(text, own):
    assert other_separator(text.encode(), Dialect(delimiter=own), 0) is None


def test_lines_that_stand_in_quotes_as_a_whole_are_found():
    text = b'"Id,Name,City"\r\n"1,Ann,Rom"\r\n"2,""Bo, Li"",Oslo"\r\n'

    assert other_separator(text, Dialect(), 0) == Separator(delimiter=None)


LISTS = {
    "psql": " id | name \n----+------\n  1 | Ann\n  2 | Bo\n(2 rows)\n",
    "mysql": "+----+------+\r\n| id | name |\r\n+----+------+\r\n|  1 | Ann  |\r\n|  2 | Bo   |\r\n+----+------+\r\n",
    "Markdown": "| id | name |\n|---:|------|\n| 1 | Ann |\n| 2 | Bo |\n",
    "SAP": "05.01.2026   List   1\n-----------\n|id|name  |\n-----------\n| 1|Ann   |\n| 2|Bo    |\n-----------\n",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
def test_a_list_with_borders_is_held_and_read_by_the_setting_that_is_named(tmp_path, text):
    path = tmp_path / "list.txt"
    path.write_bytes(text.encode())
    with pytest.raises(FileHeld) as caught:
        bucketlift.read_file(path)

    assert (caught.value.reason, caught.value.what) == (
        "wrong-delimiter",
        "The file is a list with bars between its cells and lines of dashes",
    )
    assert "`dialect: {preset: sap}`" in caught.value.hint
    assert bucketlift.read_file(path, dialect={"preset": "sap"}).rows.to_pylist() == [
        {"id": "1", "name": "Ann"},
        {"id": "2", "name": "Bo"},
    ]


def test_a_long_line_of_dashes_with_a_word_behind_it_is_text():
    text = b"a\n" + b"-" * 60_000 + b"x\n"  # to look at every part of the line would take minutes

    assert other_separator(text, Dialect(), 0) is None


def test_the_rule_of_a_list_with_a_longer_delimiter_is_looked_at_once():
    dialect = Dialect(delimiter="::", borders=True, quote=None)
    rewriting = Rewriting.of(dialect)

    assert rewriting is not None
    assert rewriting.whole("::a::\n" + "::" * 60 + "---x\n").endswith("---x\n")


def test_columns_that_are_known_tell_a_delimiter_that_is_not_in_every_line():
    assert other_separator(b"Id;Name\n1\n2;3;4\n", Dialect(), 0, ["id", "name"]) == Separator(delimiter=";")


def test_a_delimiter_that_texts_have_too_is_found_by_the_columns_that_are_known():
    text = b"id:name\n1:Ann\n2:Bo\n"

    assert other_separator(text, Dialect(), 0, ["id", "name"]) == Separator(delimiter=":")
    assert other_separator(text, Dialect(), 0, ["x", "y"]) is None


@pytest.mark.parametrize(
    ("delimiter", "in_file", "on_command"),
    [
        (";", '`dialect: {delimiter: ";"}`', "--delimiter ';'"),
        ("->", '`dialect: {delimiter: "->"}`', "--delimiter '->'"),
        ("\t", '`dialect: {delimiter: "\\t"}`', "--delimiter '\\t'"),
        ("\x01", '`dialect: {delimiter: "\\u0001"}`', "--delimiter '\\u0001'"),
        (None, "`dialect: {quoted_lines: true}`", "--quoted-lines"),
    ],
)
def test_the_setting_is_spelt_as_it_is_to_be_written(delimiter, in_file, on_command):
    separator = Separator(delimiter=delimiter)

    assert (separator.in_file, separator.on_command) == (in_file, on_command)


def test_a_sample_read_with_the_wrong_delimiter_is_doubted_unless_its_header_is_given(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_bytes(b'"Id";"Name"\n"1";"Ann"\n')

    found = read_sample(path, Dialect()).doubt

    assert found is not None
    assert (found.reason, found.what) == (
        HeldReason.WRONG_DELIMITER,
        "The cells are separated by semicolons",
    )
    path.write_bytes(b"Id;Name\n1;Ann\n")
    assert read_sample(path, Dialect(header_given=True)).names == ("Id;Name",)


@pytest.mark.parametrize(
    ("data", "delimiter"),
    [(b"1\tAnn\ta\n2\tBo\tb\\\nlines\n", "\t"), (b"H|ACCTS|2026\n1|Ann|x|y\n2|Bo|x|y\nT|2\n", "|")],
)
def test_a_file_whose_records_differ_in_width_is_not_read_as_one_column(tmp_path, data, delimiter):
    path = tmp_path / "sample.csv"
    path.write_bytes(data)

    doubt = read_sample(path, Dialect()).doubt

    assert doubt is not None
    assert (doubt.reason, json.dumps(delimiter) in doubt.in_file) == (HeldReason.WRONG_DELIMITER, True)


@pytest.mark.parametrize(
    "data", [b"Tags\na|b|c\nd|e|f\n", b"Either|or\na|b\nc|d|e\n", b"Note\nwith\ttab\n", b"a|b|c\nx\ny\nz\n"]
)
def test_one_column_with_bars_or_tabs_in_its_values_is_read(tmp_path, data):
    path = tmp_path / "sample.csv"
    path.write_bytes(data)

    assert read_sample(path, Dialect()).doubt is None


def test_a_record_separator_is_suggested_as_no_delimiter():
    for data in (b"id\x1ename\n1\x1eAnn\n2\x1eBo\n", b"id\x1fname\x1e1\x1fAnn\x1e2\x1fBo\x1e"):
        found = other_separator(data, Dialect(), 0)
        assert found is None or found.delimiter != "\x1e"


def test_a_first_file_with_record_separators_for_line_ends_is_called_that(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_bytes(b"id,name\x1e1,Ann\x1e2,Bo\x1e")

    doubt = read_sample(path, Dialect()).doubt

    assert doubt is not None
    assert doubt.what == "The file is text whose records end with U+001E"
