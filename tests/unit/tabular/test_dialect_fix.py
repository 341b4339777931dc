"""Hints that name a key of the dialect: obeyed to the letter, they read the file that brought them about."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from ruamel.yaml import YAML

from bucketlift.model.contract import Dialect, Escapes, FileType
from bucketlift.model.hold import HeldReason
from bucketlift.schema.contracts import DialectShape, null_words, plain_dialect
from bucketlift.tabular.hints.dialect_fix import DialectFix, dialect_fix
from unit.tabular.files import a_contract, read

CONTRACT = a_contract("Id", "Name", "City")
HEADER = "Id,Name,City\n"


def obeying(setting: str) -> Dialect:
    """The dialect with what a hint says, read as a workflow file is."""
    said = YAML(typ="safe", pure=True).load(StringIO(f"dialect: {{{setting}}}"))["dialect"]
    return plain_dialect(DialectShape.model_validate(said), FileType.CSV)


@pytest.mark.parametrize(
    ("below", "setting", "row"),
    [
        ('1, "Smith, John", "x"\n2,"Ann" ,y\n', "blank_around_quotes: accept", ("1", "Smith, John", "x")),
        ('="01",="2",x\n', "formula_guard: strip", ("01", "2", "x")),
        ("1,a,b,\n2,c,d,\n", "trailing_delimiter: accept", ("1", "a", "b")),
        ('"1,Ann,""a, b"""\n"2,Bo,x"\n', "quoted_lines: true", ("1", "Ann", "a, b")),
        ('1,"say \\"hi\\"",y\n', 'escape: "\\\\"', ("1", 'say "hi"', "y")),
        ("1,'Smith, John',x\n", 'quote: "\'"', ("1", "Smith, John", "x")),
        ("1,“Smith, John”,x\n", "quote: “”", ("1", "Smith, John", "x")),
        ("1,«Smith, John»,x\n", "quote: «»", ("1", "Smith, John", "x")),
    ],
)
def test_rejects_of_one_cause_are_read_by_the_key_that_is_named(tmp_path, below, setting, row):
    data = (HEADER + below).encode()
    rejects = read(tmp_path, data, CONTRACT).rejects

    found = dialect_fix(rejects, CONTRACT)

    assert found is not None
    assert found.setting == setting
    dialect = obeying(found.setting)
    assert dialect == found.dialect
    outcome = read(
        tmp_path,
        data.replace(b"Id,Name,City", b'"Id,Name,City"') if "quoted_l" in setting else data,
        replace(CONTRACT, dialect=dialect),
    )
    assert outcome.rejects == []
    assert (outcome.rows or [])[0][:3] == row


@pytest.mark.parametrize(
    "below",
    [
        '1,Pipe 5" x 3",x\n',
        "1,a\n",
        '1,"C:\\dir\\",x,\n2,"a \\" b,c\n',
        "1,O'Neil\n",
        '1,"open\n',
        "\r1,x,a\n",
    ],
)
def test_no_key_is_named_that_does_not_read_the_rejects(tmp_path, below):
    rejects = read(tmp_path, (HEADER + below).encode(), CONTRACT).rejects

    assert rejects
    assert dialect_fix(rejects, CONTRACT) is None


@pytest.mark.parametrize(("end", "setting"), [("\r", "line_end: cr"), ("\r\r\n", "line_end: crcrlf")])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_broken_header_names_the_line_end_that_reads_the_file(tmp_path, end, setting, encoding):
    contract = replace(CONTRACT, dialect=Dialect(encoding=encoding))
    data = end.join(["Id,Name,City", '1,"Bo, Jr.",Köln', "2,Cy,Bern", ""]).encode(encoding)

    hold = read(tmp_path, data, contract).reading.hold

    assert hold is not None
    assert hold.hint == f"Set `dialect: {{{setting}}}`. Then this file can be read."
    dialect = replace(obeying(setting), encoding=encoding)
    assert read(tmp_path, data, replace(contract, dialect=dialect)).rows == [
        ("1", "Bo, Jr.", "Köln", 2),
        ("2", "Cy", "Bern", 3),
    ]


def test_a_broken_header_that_no_line_end_mends_names_none(tmp_path):
    hold = read(tmp_path, b"Id,Na\rme,City\n1,a,b\n", CONTRACT).reading.hold

    assert hold is not None
    assert "line_end" not in hold.hint


COPY = b"Id\tName\tCity\n1\tAnn\tline one\\nline two\n2\tBo\t\\N\n3\tC:\\\\dir\ta\\tb\n\\.\n"


@pytest.mark.parametrize("footer", [(), ("\\.",)])
@pytest.mark.parametrize("words", [(), ("\\N",)])
def test_escapes_that_the_task_does_not_read_hold_the_file_and_the_preset_reads_it(tmp_path, footer, words):
    dialect = Dialect(delimiter="\t", quote=None, footer=footer)
    contract = replace(CONTRACT, dialect=dialect)
    contract = replace(contract, fields=tuple(replace(each, null_words=words) for each in contract.fields))

    hold = read(tmp_path, COPY, contract).reading.hold

    assert hold is not None
    assert hold.reason is HeldReason.DOUBTFUL_ESCAPES
    assert "`dialect: {preset: postgresql, header: true}`" in hold.hint
    shape = DialectShape.model_validate({"preset": "postgresql", "header": True})
    nulls = null_words(shape)
    fields = tuple(replace(each, null_words=nulls) for each in contract.fields)
    obeyed = replace(contract, fields=fields, dialect=plain_dialect(shape, FileType.TSV))
    assert read(tmp_path, COPY, obeyed).rows == [
        ("1", "Ann", "line one\nline two", 2),
        ("2", "Bo", None, 3),
        ("3", "C:\\dir", "a\tb", 4),
    ]
    content = replace(contract, dialect=replace(dialect, escapes=Escapes.NONE))
    assert read(tmp_path, COPY, content).reading.hold is None


def test_backslashes_alone_hold_no_file(tmp_path):
    data = b"Id,Name,City\n1,C:\\new\\table,x\n"

    assert read(tmp_path, data, CONTRACT).reading.hold is None
    assert read(tmp_path, data, replace(CONTRACT, dialect=Dialect(quote=None))).reading.hold is None


def test_a_cure_spells_its_key_as_the_workflow_file_does():
    assert (
        DialectFix(setting="line_end: cr", dialect=Dialect()).hint
        == "Set `dialect: {line_end: cr}`. Then these rows are read."
    )
