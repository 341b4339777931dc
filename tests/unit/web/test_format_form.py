"""The form that says how files are written says what a workflow file would, and keeps what it does not show."""

from __future__ import annotations

import pytest
from starlette.datastructures import FormData

from bucketlift.schema.contracts import DialectShape
from bucketlift.web.extract import fields_form, format_form

KNOWN = {
    "preset": "excel-eu",
    "delimiter": "\t",
    "quote": "\u201c\u201d",
    "header_line": 3,
    "expect": ["Batch, of day", "x"],
    "rows_below_header": 0,
    "line_end": "cr",
    "formula_guard": "strip",
    "trim": True,
    "header": True,
    "encoding": "cp1252",
    "null": {"words": ["\\N", "a, b"], "quoted": False},
}


def as_shown(known):
    """The form as a browser sends it if nothing is changed."""
    form = {each.key: _sent(each, format_form.shown(each, known)) for each in format_form.SETTINGS}
    header = {True: "given", False: "no"}.get(known.get("header"), "yes")
    nulls = ", ".join(format_form.null_words(known))
    return form | {"header": header, "all_null": nulls, "encoding": known.get("encoding", "utf-8")}


def _sent(setting, text):
    """A choice has the shown value if it has an option for it, otherwise its first option."""
    values = [value for value, _ in setting.choices]
    return text if not values or text in values else values[0]


def test_every_key_of_the_dialect_has_an_input():
    shown = {each.key for each in format_form.SETTINGS} | {"header", "null", "encoding"}

    assert set(DialectShape.model_fields) - shown == set()


@pytest.mark.parametrize(
    "known",
    [
        {},
        KNOWN,
        {"header": False, "skip_lines": 2, "null": "x"},
        {"header": True, "footer": [], "rows_below_header": 0},
        {"preset": "sap", "header": True, "trim": False, "borders": False},
        {"preset": "excel-eu", "formula_guard": "keep", "blank_around_quotes": "reject", "quote": '"'},
        {"preset": "mysql", "escapes": "strict", "line_end": "auto", "null": {"quoted": True}},
        {"preset": "postgresql", "null": []},
        {"preset": "postgresql", "null": {"words": [], "quoted": True}},
    ],
)
def test_what_nobody_changes_stays(known):
    expected = {**known, "null": ["x"]} if known.get("null") == "x" else known

    assert format_form.dialect(FormData(as_shown(known)), known) == expected


def test_an_input_that_is_emptied_takes_its_key_away():
    form = as_shown(KNOWN) | {"header_line": "", "expect": "", "trim": "", "preset": "", "all_null": ""}

    said = format_form.dialect(FormData(form), KNOWN)

    assert set(KNOWN) - set(said) == {"header_line", "expect", "trim", "preset"}
    assert said["null"] == {"quoted": False}


def test_a_key_without_an_input_stays():
    assert format_form.dialect(FormData({"delimiter": ";"}), {"trim": True, "escape": "\\"}) == {
        "delimiter": ";",
        "trim": True,
        "escape": "\\",
    }


def test_how_a_field_is_written_is_said_in_the_words_of_a_workflow_file():
    form = FormData(
        [
            ("type-0", "decimal"),
            ("scale-0", "2"),
            ("decimal_point-0", ","),
            ("thousands-0", "blank"),
            ("negative-0", "parentheses"),
            ("negative-0", "trailing"),
            ("strip-0", "$, EUR, blank"),
            ("type-1", "timestamp"),
            ("format-1", "%Y-%m-%d %H:%M %Z"),
            ("zone_names-1", "PST=America/Los_Angeles, UTC=UTC"),
        ]
    )

    said = fields_form.fields(form, ["Pay", "At"], {})

    assert said == {
        "Pay": {
            "type": "decimal",
            "scale": 2,
            "decimal_point": ",",
            "thousands": " ",
            "negative": ["parentheses", "trailing"],
            "strip": ["$", "EUR", " "],
        },
        "At": {
            "type": "timestamp",
            "format": "%Y-%m-%d %H:%M %Z",
            "zone_names": {"PST": "America/Los_Angeles", "UTC": "UTC"},
        },
    }


def test_a_text_that_an_input_cannot_show_apart_stays_while_nobody_changes_it():
    known = {"Pay": {"strip": ["US$ ", ","], "null": ["a, b"]}}
    form = FormData({"strip-0": fields_form.shown(known["Pay"]["strip"]), "null-0": "a, b"})

    assert fields_form.fields(form, ["Pay"], known) == known
