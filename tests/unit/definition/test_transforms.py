"""Transforms in the workflow file: what they compile to, and what is refused with its line."""

from __future__ import annotations

import pytest

from bucketlift.definition.export import workflow_mapping
from bucketlift.model.contract import Field
from bucketlift.model.load import Column
from bucketlift.model.transforms.steps import Case, ChangeCase, MapValues, Parse, Trim, Unmapped
from bucketlift.model.transforms.transform import Constant, FromField, Join, OutputField, TransformTask
from bucketlift.model.types import TypeName, ValueType
from bucketlift.yaml_text import emit

FIELDS = "workflows.nightly.tasks[1].transform.fields"
TASK = """\
      - id: clean
        transform:
          from: files
          fields:
            FirstName: {from: FirstName, steps: [trim]}
"""


def changed(field, *, load="from: clean"):
    """Put a transform with this line of its fields before the condition, and load its rows."""
    task = TASK.replace("            FirstName: {from: FirstName, steps: [trim]}\n", f"            {field}\n")
    return (
        ("      - id: enough\n", f"{task}      - id: enough\n"),
        ("          from: files\n          to", f"          {load}\n          to"),
    )


def test_a_transform_compiles_to_its_fields_and_the_load_knows_them(compiled):
    (flow,) = compiled(
        *changed(
            "Name: {join: [FirstName, LastName], with: ' ', required: true}\n"
            "            FirstName: {from: FirstName, steps: [trim, {case: lower}], values: {a: b, c: null}, unmapped: keep}\n"
            "            Since: {value: '2026-01-05', type: date}"
        )
    ).workflows

    assert flow.transforms == (
        TransformTask(
            id="clean",
            source="files",
            fields=(
                OutputField(
                    name="Name", origin=Join(names=("FirstName", "LastName"), separator=" "), required=True
                ),
                OutputField(
                    name="FirstName",
                    origin=FromField(name="FirstName"),
                    steps=(
                        Trim(),
                        ChangeCase(case=Case.LOWER),
                        MapValues(pairs=(("a", "b"), ("c", None)), unmapped=Unmapped.KEEP),
                    ),
                ),
                OutputField(
                    name="Since",
                    origin=Constant(text="2026-01-05"),
                    steps=(Parse(field=Field(name="Since", type=TypeName.DATE)),),
                ),
            ),
        ),
    )
    assert flow.loads[0].target.columns == (
        Column(name="UniqueID", field="UniqueID"),
        Column(name="FirstName", field="FirstName"),
        Column(name="LastName", field="LastName"),
        Column(name="Name", field="Name"),
        Column(name="Since", field="Since", type=ValueType(name=TypeName.DATE)),
    )


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("A: {from: FirstNam}", ("there is no field `FirstNam`", "A.from", "Did you mean `FirstName`?")),
        (
            "A: {join: [FirstName, LastNam]}",
            ("there is no field `LastNam`", "A.join[1]", "Did you mean `LastName`?"),
        ),
        (
            "A: {difference: [FirstName, LastName], in: days}",
            (
                "a difference in days needs two dates, or two timestamps of one kind; these are of type text and text",
                "A",
                "First convert both values to one type: with `fields` of the extract, or with a transform before this one.",
            ),
        ),
        (
            "A: {difference: [FirstName, LastName]}",
            (
                "a difference without `in` needs two numbers; these are of type text and text",
                "A",
                "For dates, add `in: days`, `in: months` or `in: years`. If they are texts, first convert them to numbers: with `fields` of the extract, or with a transform before this one.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [trm]}",
            (
                "there is no step `trm`",
                "A.steps[0]",
                "Did you mean `trim`? Most steps have a setting: {case: lower}.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [{cas: lower}]}",
            ("unknown key `cas`", "A.steps[0]", "Did you mean `case`?"),
        ),
        (
            "A: {from: FirstName, steps: [{case: lowr}]}",
            ("`case` cannot be `lowr`", "A.steps[0].case", "Did you mean `lower`?"),
        ),
        (
            "A: {from: FirstName, steps: [{case: lower, prefix: a}]}",
            (
                "a step does exactly one thing",
                "A.steps[0]",
                "Give it one of trim, case, prefix, suffix, replace, split, substring, values, parse, format, format_number.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [trim, {split: {part: 1}}]}",
            (
                "`split` has either `by` or `length`",
                "A.steps[1].split",
                'Write {split: {by: ",", part: 1}}, or {split: {length: 3, part: 1}} for parts of 3 characters.',
            ),
        ),
        (
            "A: {from: FirstName, steps: [{split: {by: ',', part: 0}}]}",
            ("there is no part 0", "A.steps[0].split", "The first part is 1, and the last one -1."),
        ),
        (
            "A: {from: FirstName, steps: [{split: {length: 2, part: -1}}]}",
            ("with `length`, parts are counted from the first one", "A.steps[0].split", "Write 1 or more."),
        ),
        (
            "A: {from: FirstName, steps: [{substring: {start: 0}}]}",
            (
                "there is no character 0",
                "A.steps[0].substring",
                "The first character is 1, and the last one -1.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [{format: '%d.%m.%Y'}]}",
            (
                "`format` needs a value of type date or timestamp, but this value is of type text",
                "A.steps[0]",
                "Before this step, add a step that converts the text to such a value: {parse: {type: date}}.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [{parse: {type: date}}, {format: '%d %H'}]}",
            ("a date has no time of day", "A.steps[1]", "Leave the time out of `format`."),
        ),
        (
            "A: {from: FirstName, steps: [{parse: {type: date}}, {format: '%Q'}]}",
            (
                "The format `%Q` cannot be used: `%Q` is not a format letter",
                "A.steps[1].format",
                'Write a format such as "%d.%m.%Y"; the letters are %A %a %B %b %d %f %H %I %M %m %p %S %Y %y %z.',
            ),
        ),
        (
            "A: {from: FirstName, steps: [{parse: {type: date, format: '%d'}}]}",
            (
                "The format `%d` cannot be used: it must name the year once, by %Y or %y",
                "A.steps[0].parse.format",
                'Write a format such as "%Y-%m-%d"; the letters are %Y %y %m %b %B %d %a %A %H %I %p %M %S %f %z %Z. A single %d reads 5 as well as 05.',
            ),
        ),
        (
            "A: {from: FirstName, steps: [{parse: {type: decimal}}]}",
            (
                "`scale` is missing",
                "A.steps[0].parse",
                "Set the number of digits after the decimal point: scale: 2.",
            ),
        ),
        (
            "A: {from: FirstName, type: date, scale: 2}",
            ("`scale` cannot be used with `type: date`", "A.scale", "Use `scale` only with type decimal."),
        ),
        (
            "A: {from: FirstName, steps: [{parse: {type: date}}, {format_number: {scale: 2}}]}",
            (
                "`format_number` needs a value of type integer or decimal, but this value is of type date",
                "A.steps[1]",
                "Leave the step out.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [{replace: {text: '(a', regex: true}}]}",
            (
                "the regular expression cannot be used (Invalid regular expression: missing ): ((a))",
                "A.steps[0].replace.text",
                "Write it in the syntax of RE2; in `by`, \\1 is the first group.",
            ),
        ),
        (
            "A: {from: FirstName, steps: [{replace: {text: 'a', by: '\\1', regex: true}}]}",
            (
                "the regular expression cannot be used (Invalid replacement string: Rewrite schema requests 1 matches, but the regexp only has 0 parenthesized subexpressions.)",
                "A.steps[0].replace.text",
                "Write it in the syntax of RE2; in `by`, \\1 is the first group.",
            ),
        ),
        (
            "A: {from: FirstName, values: {a: 1}}",
            ("`a` must be text", "A.values.a", "Put the value in quotes."),
        ),
        (
            "A: {from: FirstName, values: {}}",
            (
                "`values` is empty",
                "A.values",
                "Write a value. If the key has a default, you can leave the key out.",
            ),
        ),
        (
            "A: {from: FirstName, values: {a: b, a: c}}",
            ("the key `a` is repeated", "A.values", "The key already occurs in line 29. Remove one of them."),
        ),
        (
            "A: {from: FirstName, values: {a: b}, unmapped: kep}",
            ("`unmapped` cannot be `kep`", "A.unmapped", "Did you mean `keep`?"),
        ),
        (
            "A: {from: FirstName, values: {a: b}, unmapped: {default: 1}}",
            ("`default` must be text", "A.unmapped.default", "Put the value in quotes."),
        ),
        (
            "A: {from: FirstName, unmapped: keep}",
            ("`unmapped` needs `values`", "A", "Leave `unmapped` out, or add `values`."),
        ),
        (
            "A: {from: FirstName, steps: [{unmapped: keep, case: lower}]}",
            (
                "`unmapped` needs `values` in the same step",
                "A.steps[0]",
                "Leave `unmapped` out, or add `values`.",
            ),
        ),
        (
            "A: {from: FirstName, with: ' '}",
            ("`with` and `empty` need `join`", "A", "Leave them out, or join several fields."),
        ),
        (
            "A: {from: FirstName, join: [LastName]}",
            (
                "a field has exactly one of `from`, `join`, `value` and `difference`",
                "A",
                'Write {from: Email}, or {join: [Firstname, Lastname], with: " "}.',
            ),
        ),
        (
            "A: {steps: [trim]}",
            (
                "a field has exactly one of `from`, `join`, `value` and `difference`",
                "A",
                'Write {from: Email}, or {join: [Firstname, Lastname], with: " "}.',
            ),
        ),
        (
            "A: {from: FirstName, in: days}",
            ("`in` needs `difference`", "A", "Write {difference: [End, Start], in: days}."),
        ),
        (
            "A: {value: x, type: integer}",
            ("every row would be a reject: not-an-integer in A", "A.value", "Change the value or its steps."),
        ),
        (
            "_source_line: {from: FirstName}",
            (
                "`_source_line` is the name of a lineage column of Bucketlift",
                "_source_line",
                "Choose another name.",
            ),
        ),
        (
            "_LOAD_ID: {from: FirstName}",
            ("`_LOAD_ID` is the name of a lineage column of Bucketlift", "_LOAD_ID", "Choose another name."),
        ),
        (
            "firstname: {from: FirstName}",
            (
                "`firstname` and `FirstName` are the same name: they differ only in case or surrounding blanks",
                "firstname",
                "To replace the field, name it `FirstName`; otherwise choose another name.",
            ),
        ),
        (
            "{A: {from: FirstName}, a: {from: LastName}}",
            (
                "`a` and `A` are the same name: they differ only in case or surrounding blanks",
                "a",
                "To replace the field, name it `A`; otherwise choose another name.",
            ),
        ),
        (
            "A: {from: FirstName, values: {file: none.csv}}",
            (
                "The value map cannot be read: FOLDER/none.csv",
                "A.values.file",
                "Check the path of the value map (No such file or directory).",
            ),
        ),
        (
            "A: {from: FirstName, values: {file: twice.csv}}",
            (
                "The value map has a value more than once (lines 2, 4): FOLDER/twice.csv",
                "A.values.file",
                "Keep one line for each value.",
            ),
        ),
        (
            "A: {from: FirstName, values: {file: wide.csv}}",
            (
                "A value map has two columns, and this file has 3: FOLDER/wide.csv",
                "A.values.file",
                "The first column is the value, the second one its replacement. The delimiter is a comma, or a tab in files named .tsv, .tab or .txt.",
            ),
        ),
    ],
)
def test_a_wrong_transform_is_refused_with_its_line(problems, folder, field, text):
    (folder / "twice.csv").write_text("from,to\na,b\nb,c\na,d\n")
    (folder / "wide.csv").write_text("from,to,more\na,b,c\n")

    what, place, hint = text
    assert problems(*changed(field)) == [f"{what}: hr.yaml line 29 ({FIELDS}.{place}). {hint}"]


EVERY_STEP = """\
            FirstName: {from: FirstName, required: true, steps: [trim, {case: title}, {prefix: a}, {suffix: b},
              {replace: {text: a, by: b, whole: true}}, {replace: {text: '(a)', by: '\\1', regex: true}},
              {split: {by: ',', part: -1}}, {split: {length: 2, part: 1}}, {substring: {start: -3, length: 2}},
              {values: {a: b}, unmapped: empty}, {parse: {type: date, format: '%d/%m/%Y'}}, {format: '%Y'},
              {parse: {type: timestamp, timezone: America/Denver}}, {format: '%H', timezone: Asia/Tokyo},
              {parse: {type: decimal, scale: 2, decimal_point: ',', thousands: '.'}},
              {format_number: {scale: 3, decimal_point: ',', thousands: ' '}}],
              values: {'': x, y: null}, unmapped: {default: z}, type: boolean, 'true': ['y'], 'null': [n]}
            Empty: {value: ''}
            Name: {join: [FirstName, LastName], with: ' ', empty: keep}
            Null: {from: LastName, type: text, 'null': ['-']}
            LastName: {from: LastName, values: {a: b}}
            Text: {from: LastName, steps: [{parse: {type: text}}, trim], type: text}
"""


def test_an_exported_transform_compiles_to_the_same(compiled):
    flow = compiled(*changed(EVERY_STEP.strip())).workflows[0]

    form = workflow_mapping(flow, lambda _, __: None)

    text = emit({"version": 1, "project": "hr", "workflows": {"nightly": form}})
    assert compiled(text=text).workflows[0].transforms == flow.transforms
    assert form["tasks"][1]["transform"]["fields"]["LastName"] == {"from": "LastName", "values": {"a": "b"}}


def test_a_chain_of_transforms_gives_its_fields_to_the_next_one(compiled):
    lines = (
        "Since: {from: FirstName, type: date}\n            Until: {from: LastName, type: date}\n"
        "      - id: days\n        transform:\n          from: clean\n          fields:\n"
        "            Days: {difference: [Until, Since], in: days}"
    )

    (flow,) = compiled(*changed(lines, load="from: days")).workflows

    assert [(column.name, column.type.name) for column in flow.loads[0].target.columns] == [
        ("UniqueID", TypeName.TEXT),
        ("FirstName", TypeName.TEXT),
        ("LastName", TypeName.TEXT),
        ("Since", TypeName.DATE),
        ("Until", TypeName.DATE),
        ("Days", TypeName.INTEGER),
    ]


def test_a_transform_that_no_load_uses_is_refused(problems):
    assert problems(*changed("A: {from: FirstName}", load="from: files")) == [
        (
            "no load uses the rows of the task `clean`: hr.yaml line 25 (workflows.nightly.tasks[1])."
            " Add a load with `from: clean` after it."
        )
    ]


def test_a_transform_of_an_unknown_source_is_refused_once(problems):
    change = changed("A: {from: FirstName}")
    task = (change[0][0], change[0][1].replace("from: files", "from: file"))

    assert problems(task, change[1]) == [
        (
            "there is no extract task or transform before this transform named `file`: hr.yaml line 27"
            " (workflows.nightly.tasks[1].transform.from). Did you mean `files`?"
        )
    ]


def test_a_map_may_have_any_number_of_pairs(compiled):
    pairs = ", ".join(f"v{number}: w{number}" for number in range(501))

    (flow,) = compiled(*changed(f"A: {{from: FirstName, values: {{{pairs}}}}}")).workflows

    (step,) = flow.transforms[0].fields[0].steps
    assert step == MapValues(pairs=tuple((f"v{number}", f"w{number}") for number in range(501)))


@pytest.mark.parametrize(
    ("name", "text", "more", "pairs", "note"),
    [
        ("m.csv", 'code,city\nDEN,"Denver, CO"\nNYC,\n', "", (("DEN", "Denver, CO"), ("NYC", "")), " below the header code, city"),
        ("m.tsv", "code\tcity\nDEN\tDenver\n", "", (("DEN", "Denver"),), " below the header code, city"),
        ("m.csv", "DEN,Denver\n", ", header: false", (("DEN", "Denver"),), ""),
    ],
)  # fmt: skip
def test_a_map_may_be_a_file_and_its_pairs_are_taken_over(compiled, folder, name, text, more, pairs, note):
    (folder / name).write_text(text)

    made = compiled(*changed(f"A: {{from: FirstName, values: {{file: {name}{more}}}}}"))

    assert made.workflows[0].transforms[0].fields[0].steps == (MapValues(pairs=pairs),)
    assert made.notes == (f"{name}: {len(pairs)} pairs{note}",)
