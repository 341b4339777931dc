"""A delimiter other than the task's is told by its name, and text with commas in it is not taken for one."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect, HeldReason
from bucketlift.tabular.sample import read_sample
from bucketlift.tabular.separators import Separator, other_separator

OTHER = {
    "semicolons": ("Id;Name;City\n1;Ann;Rom\n", ",", ";"),
    "tabs": ("Id\tName\n1\tAnn\n", ",", "\t"),
    "bars": ("Id|Name\n1|Ann\n", ",", "|"),
    "commas read with tabs": ("Id,Name\n1,Ann\n", "\t", ","),
    "commas with blanks behind, read with semicolons": ("Id, Name, City\n1, Ann, Rom\n", ";", ","),
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
    "times": ("At\n10:00\n11:30\n", ","),
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


def test_columns_that_are_known_tell_a_delimiter_that_is_not_in_every_line():
    assert other_separator(b"Id;Name\n1\n2;3;4\n", Dialect(), 0, ["id", "name"]) == Separator(delimiter=";")


@pytest.mark.parametrize(
    ("delimiter", "in_file", "on_command"),
    [
        (";", '`dialect: {delimiter: ";"}`', "--delimiter ';'"),
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
