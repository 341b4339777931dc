"""Types of fields in the file: what they compile to, and what a person reads who gave them wrongly."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Contract, Field
from bucketlift.model.load import Column
from bucketlift.model.types import TypeName, ValueType
from bucketlift.schema.document import json_schema

FIELDS = "workflows.nightly.tasks[0].extract.fields"
COLUMNS = ("UniqueID", "Hired", "Pay", "Seen", "Active", "Note", "Name")
TYPED = """\
          kind: s3
          fields:
            UniqueID: {type: integer}
            Hired: {type: date, format: "%m/%d/%Y", null: ["-", n/a]}
            Pay: {type: decimal, precision: 12, scale: 2}
            Seen: {type: timestamp, timezone: America/Denver}
            Active: {type: boolean, true: [yes, Y], false: no}
            Note: {null: "\\\\N"}
"""


@pytest.fixture(autouse=True)
def sample(folder):
    (folder / "employees.csv").write_text(",".join(COLUMNS) + "\n")


def with_field(name, said):
    return ("          kind: s3\n", f"          kind: s3\n          fields: {{{name}: {said}}}\n")


def test_fields_get_the_types_that_the_file_gives_them_and_columns_are_made_for_them(compiled):
    (workflow,) = compiled(("          kind: s3\n", TYPED)).workflows

    (extract,), (load,) = workflow.extracts, workflow.loads
    assert extract.contract == Contract(
        fields=(
            Field(name="UniqueID", type=TypeName.INTEGER),
            Field(name="Hired", type=TypeName.DATE, format="%m/%d/%Y", null_words=("-", "n/a")),
            Field(name="Pay", type=TypeName.DECIMAL, precision=12, scale=2),
            Field(name="Seen", type=TypeName.TIMESTAMP, timezone="America/Denver"),
            Field(name="Active", type=TypeName.BOOLEAN, true_words=("yes", "Y"), false_words=("no",)),
            Field(name="Note", null_words=("\\N",)),
            Field(name="Name"),
        )
    )
    types = (
        ValueType(name=TypeName.INTEGER),
        ValueType(name=TypeName.DATE),
        ValueType(name=TypeName.DECIMAL, precision=12, scale=2),
        ValueType(name=TypeName.TIMESTAMP, zoned=True),
        ValueType(name=TypeName.BOOLEAN),
        ValueType(),
        ValueType(),
    )
    assert load.target.columns == tuple(
        Column(name=name, field=name, type=kind) for name, kind in zip(COLUMNS, types, strict=True)
    )


def test_each_column_that_a_field_fills_is_made_for_its_type(compiled):
    said = "fields: {UniqueID: {type: integer}}\n          after_import: delete\n"
    (workflow,) = compiled(
        ("after_import: delete\n", said),
        ("key: [UniqueID]", "key: [UniqueID]\n          map: {UniqueID: [a, b]}"),
    ).workflows

    columns = workflow.loads[0].target.columns
    assert columns[:2] == (
        Column(name="a", field="UniqueID", type=ValueType(name=TypeName.INTEGER)),
        Column(name="b", field="UniqueID", type=ValueType(name=TypeName.INTEGER)),
    )


def test_a_percent_sign_before_a_z_is_no_offset(compiled):
    said = '{type: timestamp, format: "%Y-%m-%d %H%%z", timezone: UTC}'

    assert compiled(with_field("Seen", said)).workflows[0].extracts[0].contract.fields[3].value_type.zoned
    assert not Field(name="x", type=TypeName.TIMESTAMP, format="%Y-%m-%d %H%%z").value_type.zoned


@pytest.mark.parametrize(
    ("name", "said", "text"),
    [
        (
            "Hierd",
            "{type: date}",
            f"there is no field `Hierd`: hr.yaml line 20 ({FIELDS}.Hierd). Did you mean `Hired`?",
        ),
        (
            "Hired",
            "{type: dat}",
            f"`type` cannot be `dat`: hr.yaml line 20 ({FIELDS}.Hired.type). Did you mean `date`?",
        ),
        (
            "Hired",
            "{type: date, fromat: x}",
            f"unknown key `fromat`: hr.yaml line 20 ({FIELDS}.Hired). Did you mean `format`?",
        ),
        (
            "Hired",
            '{type: date, format: "%Y-%m-%D"}',
            (
                f"The format `%Y-%m-%D` cannot be used: `%D` is not a format letter: hr.yaml line 20"
                f' ({FIELDS}.Hired.format). Write a format such as "%Y-%m-%d"; the letters are %Y %y %m %b %B %d %a %A %H %I'
                " %p %M %S %f %z %Z. A single %d reads 5 as well as 05."
            ),
        ),
        (
            "Pay",
            '{type: integer, format: "%Y"}',
            (
                f"`format` cannot be used with `type: integer`: hr.yaml line 20 ({FIELDS}.Pay.format)."
                " Use `format` only with type date or timestamp."
            ),
        ),
        (
            "Pay",
            "{scale: 2}",
            (
                f"`scale` cannot be used with `type: text`: hr.yaml line 20 ({FIELDS}.Pay.scale)."
                " Use `scale` only with type decimal."
            ),
        ),
        (
            "Pay",
            "{type: decimal}",
            (
                f"`scale` is missing: hr.yaml line 20 ({FIELDS}.Pay)."
                " Set the number of digits after the decimal point: scale: 2."
            ),
        ),
        (
            "Pay",
            "{type: decimal, precision: 4, scale: 5}",
            (
                f"`scale` is larger than `precision`: hr.yaml line 20 ({FIELDS}.Pay.scale)."
                " `precision` is the number of all digits, including the digits after the decimal point."
            ),
        ),
        (
            "Pay",
            "{type: decimal, precision: 39, scale: 2}",
            f"`precision` must be at most 38: hr.yaml line 20 ({FIELDS}.Pay.precision)",
        ),
        (
            "Pay",
            "{type: decimal, precision: 0, scale: 0}",
            f"`precision` must be at least 1: hr.yaml line 20 ({FIELDS}.Pay.precision)",
        ),
        (
            "Seen",
            "{type: timestamp, timezone: America/Dever}",
            (
                f"there is no time zone `America/Dever`: hr.yaml line 20 ({FIELDS}.Seen.timezone)."
                " Did you mean `America/Denver`?"
            ),
        ),
        (
            "Seen",
            '{type: timestamp, format: "%Y-%m-%d %H%z", timezone: UTC}',
            (
                f"`timezone` cannot be used with a format that has %z or %Z: hr.yaml line 20"
                f" ({FIELDS}.Seen.timezone). Leave `timezone` out: the values name their offset or their zone."
            ),
        ),
        (
            "Active",
            "{type: boolean, true: [yes, Y], false: [no, y]}",
            (
                f"`Y` is both true and false: hr.yaml line 20 ({FIELDS}.Active.true)."
                " Words that differ only in case are the same word."
            ),
        ),
        (
            "Active",
            '{type: boolean, true: ["false"]}',
            (
                f"`false` is both true and false: hr.yaml line 20 ({FIELDS}.Active.true)."
                " Words that differ only in case are the same word."
            ),
        ),
        (
            "Active",
            "{type: boolean, null: No, false: [no]}",
            f"`No` is both null and false: hr.yaml line 20 ({FIELDS}.Active.null). Choose one.",
        ),
        (
            "Active",
            '{type: boolean, false: ["", no]}',
            f"`false` contains an empty text: hr.yaml line 20 ({FIELDS}.Active.false). An empty field is always null.",
        ),
        (
            "Active",
            "{type: boolean, true: [1]}",
            f"`true[0]` must be text: hr.yaml line 20 ({FIELDS}.Active.true[0]). Put the value in quotes.",
        ),
    ],
)
def test_a_type_that_cannot_be_read_by_is_refused(problems, name, said, text):
    assert problems(with_field(name, said)) == [text]


def test_every_wrong_field_is_told(problems):
    told = problems(with_field("Pay", '{type: decimal}, Hired: {type: date, format: "x"}'))

    assert [each.partition(": hr.yaml")[0] for each in told] == [
        "The format `x` cannot be used: it must name the year once, by %Y or %y",
        "`scale` is missing",
    ]


def test_the_schema_knows_the_words_of_a_field():
    shape = json_schema()["$defs"]["FieldShape"]

    assert list(shape["properties"]) == [
        "type",
        "aliases",
        "format",
        "timezone",
        "precision",
        "scale",
        "decimal_point",
        "thousands",
        "negative",
        "strip",
        "zone_names",
        "true",
        "false",
        "null",
    ]


def test_a_sample_that_would_be_rejected_itself_is_noted(compiled, folder):
    (folder / "employees.csv").write_text(",".join(COLUMNS) + "\n1,2026-01-05,,,,,\n")

    definition = compiled(with_field("Hired", '{type: date, format: "%m/%d/%Y"}'))

    assert definition.notes == ("line 2 of employees.csv would be a reject: not-a-date in `Hired`",)


@pytest.mark.parametrize(
    ("name", "said", "key", "what", "hint"),
    [
        (
            "Pay",
            '{type: decimal, scale: 2, thousands: "."}',
            "thousands",
            "`thousands` and `decimal_point` are the same character",
            'Set both keys: decimal_point: ",", thousands: "." reads 1.234,56.',
        ),
        (
            "Pay",
            '{type: decimal, scale: 2, decimal_point: ";"}',
            "decimal_point",
            "`decimal_point` cannot be `;`",
            'It can be one of: ",", ".".',
        ),
        (
            "Pay",
            '{type: decimal, scale: 2, thousands: "-"}',
            "thousands",
            "`thousands` cannot be `-`",
            "Write the character between groups of three digits: a comma, full stop, blank or apostrophe.",
        ),
        (
            "Pay",
            "{type: decimal, scale: 2, thousands: 0x}",
            "thousands",
            "`thousands` must be one character",
            "",
        ),
        (
            "Pay",
            "{type: decimal, scale: 2, negative: [parenthesis]}",
            "negative[0]",
            "`negative[0]` cannot be `parenthesis`",
            "Did you mean `parentheses`?",
        ),
        (
            "UniqueID",
            '{type: integer, decimal_point: ","}',
            "decimal_point",
            "`decimal_point` cannot be used with `type: integer`",
            "Use `decimal_point` only with type decimal.",
        ),
        (
            "Hired",
            "{type: date, negative: trailing}",
            "negative",
            "`negative` cannot be used with `type: date`",
            "Use `negative` only with type integer or decimal.",
        ),
        (
            "Pay",
            '{type: decimal, scale: 2, strip: ["-"]}',
            "strip",
            "`strip` cannot be `-`, which can be a part of a number",
            "`negative` and `thousands` say how numbers are written; `strip` removes texts such as a currency.",
        ),
        (
            "Pay",
            "{type: decimal, scale: 2, strip: '.00'}",
            "strip",
            "`strip` cannot be `.00`, which can be a part of a number",
            "`negative` and `thousands` say how numbers are written; `strip` removes texts such as a currency.",
        ),
        (
            "Hired",
            '{type: date, strip: "0"}',
            "strip",
            "`strip` cannot be `0`, which can be a part of the value",
            "Digits belong to the value: put them into `format`.",
        ),
        (
            "Note",
            '{strip: [""]}',
            "strip",
            "`strip` contains an empty text",
            'Write the text to remove: strip: ["$", " "].',
        ),
        (
            "Active",
            '{type: boolean, true: "Y.", strip: "."}',
            "true",
            "`Y.` starts or ends with a text that `strip` removes",
            "Write the word as it is after `strip`: `Y`.",
        ),
        (
            "Seen",
            '{type: timestamp, format: "%Y-%m-%d %H:%M", zone_names: {PST: America/Los_Angeles}}',
            "zone_names",
            "`zone_names` needs a format with %Z",
            'Put %Z into `format`, as in "%Y-%m-%d %H:%M:%S %Z", or leave `zone_names` out.',
        ),
        (
            "Seen",
            '{type: timestamp, format: "%Y-%m-%d %H:%M %Z", zone_names: {PST: America/Los_Angels}}',
            "zone_names.PST",
            "there is no time zone `America/Los_Angels`",
            "Did you mean `America/Los_Angeles`?",
        ),
        (
            "Seen",
            '{type: timestamp, format: "%Y-%m-%d %H:%M %Z", timezone: UTC, zone_names: {PST: UTC}}',
            "timezone",
            "`timezone` cannot be used with a format that has %z or %Z",
            "Leave `timezone` out: the values name their offset or their zone.",
        ),
        (
            "Hired",
            "{type: date, zone_names: {PST: UTC}}",
            "zone_names",
            "`zone_names` cannot be used with `type: date`",
            "Use `zone_names` only with type timestamp.",
        ),
    ],
)
def test_a_way_of_writing_that_cannot_be_is_refused_with_its_line_and_what_to_do(
    problems, name, said, key, what, hint
):
    line = f"{what}: hr.yaml line 20 ({FIELDS}.{name}.{key})"

    assert problems(with_field(name, said)) == [f"{line}. {hint}" if hint else line]


def test_a_format_with_a_zones_name_needs_the_names(problems):
    said = '{type: timestamp, format: "%Y-%m-%d %H:%M %Z"}'

    (text,) = problems(with_field("Seen", said))

    assert "%Z needs `zone_names`, such as {PST: America/Los_Angeles" in text
    assert f"({FIELDS}.Seen.format)" in text
