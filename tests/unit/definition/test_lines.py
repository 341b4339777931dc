"""Which lines are no records: settings that contradict each other are refused with their line."""

from __future__ import annotations

import pytest

from bucketlift.definition.compile.definition import Installed
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.source import Selection
from bucketlift.model.workflow import Delete, ExtractTask, Workflow

EXTRACT = "workflows.nightly.tasks[0].extract"


def dialect(words: str) -> tuple[str, str]:
    return ("          kind: s3\n", f"          kind: s3\n          dialect: {{{words}}}\n")


@pytest.mark.parametrize(
    ("words", "key", "what", "hint"),
    [
        (
            "header_line: 3, skip_lines: 2",
            "header_line",
            "`header_line` and `skip_lines` cannot be used together",
            "Keep one of them. The line below 2 skipped lines is header_line: 3.",
        ),
        (
            "header_line: 3, header: false",
            "header_line",
            "`header_line` cannot be used with `header: false`",
            "Write skip_lines: 2 instead, for the lines above the first record.",
        ),
        (
            "expect: [Batch]",
            "expect",
            "`expect` needs `header_line`",
            "Write the header's line: header_line: 3, expect: [...].",
        ),
        (
            "expect: [Batch, Date], header_line: 2",
            "expect",
            "`expect` has 2 texts, but `header_line` leaves out only 1 lines",
            "Each text must be in a separate line above the table.",
        ),
        (
            'expect: [" "], header_line: 2',
            "expect",
            "`expect` contains a text that is blank or has more than one line",
            'Write a text of one line: expect: ["Batch"].',
        ),
        (
            "header: false, rows_below_header: 1",
            "rows_below_header",
            "`rows_below_header` cannot be used with `header: false`",
            "Leave it out; skip_lines: N leaves out lines above the first record.",
        ),
        (
            "footer: ['\"Total\"']",
            "footer",
            '`footer` can never match `"Total"`: it is compared with the content of cells, without quotes',
            "Write only the text before or between the quotes: `footer: [Total]`.",
        ),
        (
            "footer: ['1,\"Ann, Jr\"']",
            "footer",
            '`footer` can never match `1,"Ann, Jr"`: it is compared with the content of cells, without quotes',
            'Write only the text before or between the quotes: `footer: ["1,"]`.',
        ),
        (
            'footer: ["a\\nb"]',
            "footer",
            "`footer` contains a text with more than one line",
            "Write only the first words of its first line.",
        ),
        ('footer: [" "]', "footer", "`footer` contains an empty text", 'Write a word: footer: ["Total"].'),
    ],
)
def test_a_contradiction_is_refused_with_the_nearest_right_word(compiled, words, key, what, hint):
    with pytest.raises(DefinitionWrong) as caught:
        compiled(dialect(words))

    assert str(caught.value) == f"{what}: hr.yaml line 20 ({EXTRACT}.dialect.{key}). {hint}"


def test_lines_above_records_without_header_can_be_expected(compiled):
    task = compiled(dialect("header: false, skip_lines: 1, expect: [Batch]")).workflows[0].extracts[0]

    assert (task.contract.dialect.skip_lines, task.contract.dialect.expect) == (1, ("Batch",))


def test_a_sample_whose_first_row_is_data_is_refused_unless_the_header_is_given(compiled, folder):
    (folder / "employees.csv").write_text("UniqueID,1,2026-01-05\nB,2,2026-01-06\n")

    with pytest.raises(DefinitionWrong) as caught:
        compiled()

    assert str(caught.value) == (
        "Line 1 looks like data: column 2 holds an integer, column 3 holds a date: employees.csv: hr.yaml line 22 "
        f"({EXTRACT}.sample). If files have no header row, set `columns: [A, B, C]`, with your own names, in place of "
        "the sample, and `dialect: {header: false}`. If line 1 is the header, set `dialect: {header: true}`."
    )
    names = compiled(dialect("header: true")).workflows[0].extracts[0].contract.names
    assert names == ("UniqueID", "1", "2026-01-05")


def test_a_task_that_was_applied_with_the_same_columns_is_not_asked_about_its_header(compiled, folder):
    (folder / "employees.csv").write_text("UniqueID,1,2026-01-05\nB,2,2026-01-06\n")
    task = ExtractTask(
        id="files",
        account="acme",
        selection=Selection(bucket="hr-drop"),
        contract=Contract(fields=(Field(name="UniqueID"), Field(name="1"), Field(name="2026-01-05"))),
        after_import=Delete(),
    )
    flow = Workflow(key="nightly", title="nightly", project="hr", tasks=(task,))
    installed = Installed(accounts={}, destinations={}, workflows=(flow,))

    found = compiled(installed=installed).workflows[0].extracts[0].contract

    assert found.names == task.contract.names


def test_lines_above_the_header_are_told_for_a_sample_that_has_none(compiled):
    assert compiled(dialect("skip_lines: 2")).notes == (
        "employees.csv: The sample starts with its header: `skip_lines` applies only to files, not to the sample",
    )


def test_columns_of_one_name_are_numbered_in_the_sample(compiled, folder):
    (folder / "employees.csv").write_text("UniqueID,Amount,Amount\n")
    number = ("          kind: s3\n", "          kind: s3\n          contract: {duplicate: number}\n")

    assert compiled(number).workflows[0].extracts[0].contract.names == ("UniqueID", "Amount", "Amount_2")
    (folder / "employees.csv").write_text("UniqueID,Amount,Amount,Amount_2\n")
    with pytest.raises(DefinitionWrong, match='Column "Amount_2" occurs more than once'):
        compiled(number)
