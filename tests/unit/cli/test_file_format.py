"""The options that say how files are written, in the words of a workflow file."""

from __future__ import annotations

import inspect
import json

import pytest

from bucketlift.cli import file_format
from bucketlift.cli.commands.check import check
from bucketlift.cli.commands.load import load
from bucketlift.cli.entry import run
from bucketlift.schema.contracts import DialectShape


def said(**given):
    """What a command gets as its form."""
    told = {}

    def command(form: dict[str, object]) -> int:
        told.update(form)
        return 0

    every = inspect.signature(file_format.with_file_format(command)).parameters
    file_format.with_file_format(command)(**{name: given.get(name) for name in every})
    return told


def answer(capsys, *words: str):
    """The exit code of `check` and its answer."""
    code = run(["check", *words, "--json"])
    return code, json.loads(capsys.readouterr().out)


def error(capsys, *words: str) -> dict[str, str]:
    code, told = answer(capsys, *words)
    assert code == 2
    return told["error"]


@pytest.fixture
def amounts(tmp_path):
    file = tmp_path / "amounts.csv"
    file.write_text("Id;Amount\n1;1.234,50\n2;(3,00)\n")
    return str(file)


@pytest.mark.parametrize("command", [load, check])
def test_load_and_check_have_an_option_for_every_key_of_the_dialect(command):
    options = inspect.signature(command).parameters

    assert set(DialectShape.model_fields) - set(options) == set()


def test_options_that_are_not_given_say_nothing():
    assert said() == {}


def test_an_option_for_the_start_of_a_line_replaces_escape_sequences():
    given = said(footer=["1\\tAnn", "2\\u0009Bo", "\\\\."], expect=["a\\tb"])

    assert given == {"dialect": {"footer": ["1\tAnn", "2\tBo", "\\."], "expect": ["a\tb"]}}


def test_options_say_what_a_workflow_file_would():
    assert said(
        delimiter="\\u0001",
        escape="\\\\",
        header=False,
        skip_lines=0,
        null=["\\N", "n/a"],
        null_quoted=False,
        footer=["Total"],
        columns='Id,"Last, First"',
        contract=["extra=ignore", "empty=skip"],
        archive=["entries=data/*.csv", "ignore=README*", "ignore=__MACOSX/*"],
        field=["Pay={type: decimal, scale: 2}", "Id=integer"],
    ) == {
        "columns": ["Id", "Last, First"],
        "fields": {"Pay": {"type": "decimal", "scale": 2}, "Id": {"type": "integer"}},
        "contract": {"extra": "ignore"},
        "empty": "skip",
        "archive": {"entries": "data/*.csv", "ignore": ["README*", "__MACOSX/*"]},
        "dialect": {
            "delimiter": "\x01",
            "escape": "\\",
            "header": False,
            "skip_lines": 0,
            "footer": ["Total"],
            "null": {"words": ["\\N", "n/a"], "quoted": False},
        },
    }


@pytest.mark.parametrize(
    ("spelt", "meant"),
    [("\\t", "\t"), ("\\x01", "\x01"), ("\\u00a7", "\u00a7"), ("\\\\", "\\"), ("\\", "\\"), ("||", "||")],
)
def test_a_character_can_be_spelt(spelt, meant):
    assert said(delimiter=spelt) == {"dialect": {"delimiter": meant}}


def test_files_are_checked_by_what_the_options_say(amounts, capsys):
    amount = 'Amount={type: decimal, scale: 2, decimal_point: ",", thousands: ".", negative: parentheses}'

    code, told = answer(capsys, amounts, "--delimiter", ";", "--field", amount)

    assert (code, told["files"][0]["rows"], told["files"][0]["rejected"]) == (0, 2, 0)


def test_files_without_a_header_are_checked_by_the_names_of_their_columns(amounts, capsys):
    code, told = answer(capsys, amounts, "--delimiter", ";", "--no-header", "--columns", "A,B")

    assert (code, told["files"][0]["rows"]) == (0, 3)


@pytest.mark.parametrize(
    ("words", "what", "to", "hint"),
    [
        (["--line-end", "crl"], "`line_end` cannot be `crl`", "--line-end", "Did you mean `crlf`?"),
        (["--contract", "extar=hold"], "unknown key `extar`", "--contract", "Did you mean `extra`?"),
        (
            ["--contract", "extra=drop"],
            "`extra` cannot be `drop`",
            "--contract extra",
            "It can be one of: accept, hold, ignore.",
        ),
        (["--archive", "entry=*"], "unknown key `entry`", "--archive", "Did you mean `entries`?"),
        (
            ["--field", "Amuont=integer"],
            "there is no field `Amuont`",
            "--field Amuont",
            "Did you mean `Amount`?",
        ),
        (["--field", "Id=int"], "`type` cannot be `int`", "--field Id", "Did you mean `integer`?"),
        (["--field", "Id={tpye: date}"], "unknown key `tpye`", "--field Id", "Did you mean `type`?"),
        (
            ["--no-header"],
            "Files without a header row need field names",
            "--no-header",
            "Add --columns A,B,C, or --sample FILE with a header row.",
        ),
        (
            ["--columns", "A,B", "--sample", "s.csv"],
            "--columns and --sample cannot be used together",
            "--columns",
            "Remove one of them.",
        ),
    ],
)
def test_a_wrong_word_is_refused_with_its_option_and_the_nearest_right_one(
    amounts, capsys, words, what, to, hint
):
    assert error(capsys, amounts, "--delimiter", ";", *words) == {"what": what, "to": to, "hint": hint}


@pytest.mark.parametrize("word", ["extra", "--skip-lines"])
def test_a_policy_without_a_value_is_refused(amounts, capsys, word):
    assert "--contract must be KEY=VALUE, not extra" in error(capsys, amounts, "--contract", "extra")["what"]


def test_a_workflow_file_goes_with_no_option_about_the_files(amounts, capsys):
    told = error(capsys, amounts, "--workflow-file", "w.yaml", "--workflow", "w", "--trim")

    assert told["what"] == "A workflow file already defines the format of its files"
