"""A hint is obeyed to the letter: the settings are taken out of its text, and the file then loads right."""

from __future__ import annotations

import ast
import gzip
import io
import re
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

import bucketlift
from cases.hints import Obeyed, obey
from cases.reading import Held, Rows

PEOPLE = (("1", "Ann"), ("2", "Bo"))
DECIMAL = {"type": "decimal", "scale": 2}


def a_case(name, data, rows=PEOPLE, *, columns="id name", take=((0,),), **settings) -> Obeyed:
    named = tuple(columns.split())
    return Obeyed(name=name, data=data, rows=tuple(rows), settings=settings, columns=named, take=take)


def with_dialect(name, data, rows=PEOPLE, *, columns="id name", take=((0,),), **keys) -> Obeyed:
    return a_case(name, data, rows, columns=columns, take=take, dialect=keys)


def a_field(name, values, wanted, *, take=((0,),), **shape) -> Obeyed:
    text = "".join(f'{number},"{value}"\n' for number, value in enumerate(values, 1))
    rows = [(str(number), value) for number, value in enumerate(wanted, 1)]
    return a_case(name, f"id,name\n{text}".encode(), rows, take=take, fields={"name": shape})


def zipped(**files: str) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in files.items():
            archive.writestr(name.replace("_csv", ".csv"), text)
    return made.getvalue()


def money(*texts: str) -> list[Decimal]:
    return [Decimal(text) for text in texts]


PLAIN = b"id,name\n1,Ann\n2,Bo\n"
ABOVE = b"9,Zed\nid,name\n1,Ann\n2,Bo\n"
FEW = (("1", "a"), ("2", "b"))
UMLAUTS = "id,name\n1,Zoë\n2,Łódź\n"
LETTERS = (("1", "Zoë"), ("2", "Łódź"))
COPY = b"1\tx\\ty\n2\t\\N\n"
LIST = b"Title\n-----------\n|id|name|\n-----------\n|1 |Ann |\n|2 |Bo  |\n-----------\n"

OBEYED = (
    # Lines above and below the table
    a_case("lines above the header: skip_lines", b"Report\n" + PLAIN),
    a_case("lines above the header: preamble", b"Report\n" + PLAIN, take=((1,),)),
    a_case("a line above that is like a record", ABOVE, contract={"preamble": "ignore"}),
    with_dialect("another header_line", b"a b\nc d\n" + PLAIN, header_line=2),
    with_dialect("a header in files without one", PLAIN, header=False),
    with_dialect(
        "a line above records that is like one", b"9,Zed\n1,Ann\n2,Bo\n", header=False, skip_lines=1
    ),
    with_dialect(
        "a header record and a trailer record",
        b"H,SAP\nD,Ann\nD,Bo\nT,2\n",
        (("D", "Ann"), ("D", "Bo")),
        take=((0, 1),),
        header=False,
    ),
    a_case(
        "a trailer record below a skipped header record",
        b"H,SAP\nD,Ann\nD,Bo\nT,2\n",
        (("D", "Ann"), ("D", "Bo")),
        dialect={"header": False, "skip_lines": 1},
        contract={"preamble": "accept"},
    ),
    a_case("no header row", b"1,Ann\n2,Bo\n"),
    a_case("a line above records", b"BATCH 17\n1,Ann\n2,Bo\n"),
    with_dialect(
        "no header row in the first file of such a task", b"1,Ann\n2,Bo\n", columns="", header=False
    ),
    a_case("no header row and no sample", b"1,Ann\n2,Bo\n", columns="", take=((0, 1),)),
    a_case(
        "codes that are names", b"1,Ann\n3,Ann\n4,Bo\n", [("3", "Ann"), ("4", "Bo")], columns="", take=((2,),)
    ),
    a_case(
        "rows below the header",
        "39-units-row/units.csv",
        [("0", "12.1", "3.0"), ("1", "12.2", "3.1")],
        columns="",
    ),
    a_case("a line sep=;", b"sep=;\nid;name\n1;Ann\n2;Bo\n", columns=""),
    a_case("a line sep=; and a sample", b"sep=;\nid;name\n1;Ann\n2;Bo\n"),
    a_case(
        "two header rows",
        b"id,,x\n,name,y\n1,Ann,7\n2,Bo,8\n",
        [("1", "Ann", "7"), ("2", "Bo", "8")],
        columns="id name x",
        take=((1, 2), (0,)),
    ),
    a_case(
        "a title above the header, without a sample",
        b"Report\nid,name\n1,Ann\n2,Bo\n3,Cy\n",
        [*PEOPLE, ("3", "Cy")],
        columns="",
    ),
    # Columns
    a_case("empty columns", b"id,name,\n1,Ann,\n2,Bo,\n"),
    a_case("more columns", b"id,name,x\n1,Ann,7\n2,Bo,8\n"),
    a_case("columns in another order", b"name,id\nAnn,1\nBo,2\n", contract={"reordered": "hold"}),
    a_case("names in other letters", b"ID,Name\n1,Ann\n2,Bo\n", contract={"respelled": "hold"}),
    a_case("columns of one name", b"id,name,name\n1,Ann,x\n", [("1", "Ann", "x")], columns="id name name"),
    a_case("columns of one name, of which the sample has one", b"id,name,name\n1,Ann,x\n", [("1", "Ann")]),
    # Delimiters
    a_case("semicolons", b"id;name\n1;Ann\n2;Bo\n"),
    a_case("semicolons without a sample", b"id;name\n1;Ann\n2;Bo\n", columns=""),
    a_case(
        "one column with semicolons", b"a;b\n1;Ann\n2;Bo\n", [("1;Ann",), ("2;Bo",)], columns="", take=((1,),)
    ),
    a_case("two bars", b"id||name\n1||A|n\n2||Bo\n", [("1", "A|n"), ("2", "Bo")]),
    a_case("colons and a sample", b"id:name\n1:Ann\n2:Bo\n"),
    a_case("colons", b"id:name:x\n1:Ann:7\n2:Bo:8\n", [("1", "Ann", "7"), ("2", "Bo", "8")], columns=""),
    a_case("arrows", b"id->name\n1->Ann\n2->Bo\n", columns=""),
    a_case("a broken bar", "id¦name\n1¦Ann\n2¦Bo\n".encode(), columns=""),
    a_case("control characters", b"id\x01name\n1\x01Ann\n2\x01Bo\n"),
    a_case("marks of Concordance", "þidþ\x14þnameþ\nþ1þ\x14þAnnþ\nþ2þ\x14þBoþ\n".encode(), columns=""),
    a_case("lines in quotes", b'"id,name"\n"1,Ann"\n"2,Bo"\n'),
    a_case("lines in quotes without a sample", b'"id,name"\n"1,Ann"\n"2,Bo"\n', columns=""),
    a_case("a list of SAP", LIST, columns=""),
    # Line ends
    a_case("CR", PLAIN.replace(b"\n", b"\r")),
    a_case("CR without a sample", PLAIN.replace(b"\n", b"\r"), columns=""),
    a_case("CR CR LF", PLAIN.replace(b"\n", b"\r\r\n")),
    # Quotes and escapes
    a_case("blanks around quotes", b'id,name\n1, "Ann"\n2, "Bo, x"\n', [("1", "Ann"), ("2", "Bo, x")]),
    a_case("formula guards", b'id,name\n1,="0012"\n2,="0013"\n', [("1", "0012"), ("2", "0013")]),
    a_case("delimiters at the end", b"id,name\n1,Ann,\n2,Bo,\n"),
    a_case("backslash before quotes", b'id,name\n1,"a\\"b"\n2,"c\\"d"\n', [("1", 'a"b'), ("2", 'c"d')]),
    a_case("apostrophes", b"id,name\n1,'a,b'\n2,'c,d'\n", [("1", "a,b"), ("2", "c,d")]),
    a_case("English quotes", "id,name\n1,“a,b”\n2,“c,d”\n".encode(), [("1", "a,b"), ("2", "c,d")]),
    a_case("German quotes", "id,name\n1,„a,b“\n2,„c,d“\n".encode(), [("1", "a,b"), ("2", "c,d")]),
    a_case("French quotes", "id,name\n1,«a,b»\n2,«c,d»\n".encode(), [("1", "a,b"), ("2", "c,d")]),
    a_case("single quotes around every cell", b"'id','name'\n'1','Ann'\n'2','Bo'\n"),
    a_case("single quotes without a sample", b"'id','name'\n'1','Ann'\n'2','Bo'\n", columns=""),
    a_case("backticks around every cell", b"`id`,`name`\n`1`,`Ann`\n`2`,`Bo`\n"),
    a_case("backticks without a sample", b"`id`,`name`\n`1`,`Ann`\n`2`,`Bo`\n", columns=""),
    a_case("English quotes around every cell", "id,name\n“1”,“Ann”\n“2”,“Bo”\n".encode()),
    a_case("French quotes around every cell", "«id»,«name»\n«1»,«Ann»\n«2»,«Bo»\n".encode()),
    with_dialect("double quotes", b'"id","name"\n"1","Ann"\n"2","Bo"\n', quote="'"),
    a_case(
        "other quotes that are content",
        b"id,name,x\n1,'Ann','y'\n",
        [("1", "'Ann'", "'y'")],
        columns="id name x",
        take=((1,),),
    ),
    with_dialect(
        "COPY of PostgreSQL",
        b"id\tname\n" + COPY,
        [("1", "x\ty"), ("2", None)],
        delimiter="\t",
        quote="none",
        null="\\N",
    ),
    with_dialect(
        "OUTFILE of MySQL",
        COPY,
        [("1", "x\ty"), ("2", None)],
        take=((1,),),
        delimiter="\t",
        quote="none",
        null="\\N",
        header=False,
    ),
    with_dialect(
        "backslashes that are content",
        b"id\tname\n" + COPY,
        [("1", "x\\ty"), ("2", None)],
        take=((2,),),
        delimiter="\t",
        quote="none",
        null="\\N",
    ),
    # Rows without content, repeats and ends
    a_case("empty rows", b"id,name\n1,Ann\n,\n,\n2,Bo\n"),
    a_case("empty rows are kept", b"id,name\n1,Ann\n,\n", [("1", "Ann"), ("", "")], take=((1,),)),
    a_case("a repeated header", b"id,name\n1,Ann\nid,name\n2,Bo\n"),
    a_case("a total", b"id,name\n1,Ann\n2,Bo\nTotal: 2,\n"),
    a_case("a total below numbers", b"id,name\n1,Ann\n2,Bo\nTotal,2\n"),
    a_case("a total that is a row", PLAIN + b"Total,2\n", [*PEOPLE, ("Total", "2")], take=((1,),)),
    a_case("a total and a count", PLAIN + b"Total,2\nRows: 2\n"),
    a_case("a count", PLAIN + b"Total rows: 2\n"),
    a_case("a count below a blank line", PLAIN + b"\n2 rows\n"),
    a_case("the last lines of a report", PLAIN + b'\n\n"My report"\n"Copyright (c) 2026 Acme"\n"Acme Inc"\n'),
    a_case(
        "a header that is shorter than its rows",
        b"id,name\n1,Ann,x\n2,Bo,y\n",
        [("1", "Ann", "x"), ("2", "Bo", "y")],
        take=((0, 1),),
    ),
    a_case(
        "a last line with quotes in quotes",
        PLAIN + b'"Report ""A, B"" of Ann"\n',
    ),
    with_dialect("tabs below a header with commas", b"id,name\n1\tAnn\n2\tBo\n", take=((0, 1),), quote='"'),
    a_case(
        "semicolons below a header with commas that is shorter",
        b"id,name\n1;Ann;x\n2;Bo;y\n",
        [("1", "Ann", "x"), ("2", "Bo", "y")],
        take=((0, 1),),
    ),
    a_case("whole lines in quotes below a header", b'id,name\n"1,Ann"\n"2,Bo"\n'),
    a_case(
        "whole lines in quotes with quotes below a header",
        b'id,name\n"1,""Ann, Jr"""\n',
        [("1", "Ann, Jr")],
    ),
    with_dialect("whole lines in quotes without a header", b'"1,Ann"\n"2,Bo"\n', header=False),
    with_dialect(
        "a line separator that is content",
        "Ann\u2028Bo\n".encode(),
        [("Ann\u2028Bo",)],
        columns="name",
        header=False,
    ),
    a_case("a delimiter at the end of each line", b"id,name,\n1,Ann,\n2,Bo,\n"),
    Obeyed(
        name="a delimiter at the end of each line of a sample",
        data=b"id,name,\n1,Ann,\n2,Bo,\n",
        rows=PEOPLE,
        settings={},
        columns=("id", "name", ""),
    ),
    a_case(
        "one column of texts like columns of a fixed width",
        b"ID   NAME\n1    Ann\n2    Bo\n",
        [("1    Ann",), ("2    Bo",)],
        columns="",
    ),
    a_case("full-width commas", "id\uff0cname\n1\uff0cAnn\n2\uff0cBo\n".encode()),
    a_case("NULs at the end", PLAIN + b"\0\0\0\0"),
    a_case("Ctrl-Z", PLAIN + b"\x1a"),
    # Encodings
    a_case("UTF-16", UMLAUTS.encode("utf-16"), LETTERS),
    a_case("UTF-16 without a mark", UMLAUTS.encode("utf-16-be"), LETTERS),
    with_dialect("UTF-8 for UTF-16", UMLAUTS.encode(), LETTERS, encoding="utf-16"),
    with_dialect("UTF-16 for UTF-16 without a mark", UMLAUTS.encode("utf-16-le"), LETTERS, encoding="utf-16"),
    with_dialect("the other byte order", UMLAUTS.encode("utf-16-le"), LETTERS, encoding="utf-16-be"),
    with_dialect("UTF-8 for cp1252", "id,name\n1,Zoë\n".encode(), [("1", "Zoë")], encoding="cp1252"),
    # Packed files
    a_case("gzip that is not unpacked", gzip.compress(PLAIN), compression="none"),
    a_case("a zip that is not unpacked", zipped(a_csv=PLAIN.decode()), compression="none"),
    a_case("a zip with more than the table", zipped(a_csv=PLAIN.decode(), b_csv="x\n")),
    a_case(
        "a zip of files of one contract",
        zipped(a_csv="id,name\n1,Ann\n", b_csv="id,name\n2,Bo\n"),
        take=((1,),),
    ),
    a_case("a pattern that matches nothing", zipped(a_csv=PLAIN.decode()), archive={"entries": "*.txt"}),
    a_case(
        "a signed file",
        "31b-clearsigned/one.asc",
        [("ann@example.com",), ("-bo@example.com",)],
        columns="Email",
    ),
    # Values
    a_field("decimal commas", ["1.234,50", "2,25"], money("1234.50", "2.25"), **DECIMAL),
    a_field("commas between groups", ["1,234,567.50", "2.25"], money("1234567.50", "2.25"), **DECIMAL),
    a_field("parentheses", ["(30.00)", "(1.00)"], money("-30.00", "-1.00"), **DECIMAL),
    a_field("a minus behind", ["30.00-", "1.00-"], money("-30.00", "-1.00"), **DECIMAL),
    a_field("a typographic minus", ["\u221230.00", "\u22121.00"], money("-30.00", "-1.00"), **DECIMAL),
    a_field("currencies", ["$30.00", "$1.00"], money("30.00", "1.00"), **DECIMAL),
    a_field("crowns", ["30 kr", "12,50 kr"], money("30.00", "12.50"), **DECIMAL),
    a_field("crowns with a full stop", ["kr. 30", "kr 5"], money("30.00", "5.00"), **DECIMAL),
    a_field("zloty", ["1 234,50 zł", "2 zł"], money("1234.50", "2.00"), **DECIMAL),
    a_field("reals", ["R$ 30,00", "R$ 1,50"], money("30.00", "1.50"), **DECIMAL),
    a_field("kilograms", ["5 kg", "7.25 kg"], money("5.00", "7.25"), **DECIMAL),
    a_field("a unit before integers", ["kg 5", "kg 6"], [5, 6], type="integer"),
    a_field("a currency that is less known", ["12 BGN", "1,50 BGN"], money("12.00", "1.50"), **DECIMAL),
    a_field("percent", ["30 %", "1 %"], money("30.00", "1.00"), **DECIMAL),
    a_field("blanks around integers", [" 7 ", " 8 "], [7, 8], type="integer"),
    a_field("integers with decimals", ["7.0", "8.0"], money("7", "8"), type="integer"),
    a_field("one group or decimals", ["1.234", "5.678"], [1234, 5678], type="integer"),
    a_field(
        "names of zones",
        ["2026-07-07 07:50:39 PDT"],
        [datetime(2026, 7, 7, 14, 50, 39, tzinfo=UTC)],
        type="timestamp",
    ),
)


@cache
def obeyed(number: int) -> tuple[Rows | Held, list[str]]:
    with TemporaryDirectory() as folder:
        return obey(OBEYED[number], Path(folder))


@pytest.mark.parametrize("number", range(len(OBEYED)), ids=[each.name for each in OBEYED])
def test_a_hint_that_is_obeyed_to_the_letter_loads_the_file_right(number):
    found, hints = obeyed(number)

    assert hints, "the file is not held"
    assert isinstance(found, Rows), hints
    assert found.rows == OBEYED[number].rows, hints


NAMES_A_SETTING = re.compile(r"`[^`]*\b[a-z_]+: [^`]*`")
ANY = "\0"
"""In place of a value in a text."""
NOT_OBEYED = {
    "is set": "what the task says already, in the text above the hint",
    "cannot be used ": "refused by `validate`, before there is a file",
    "Leave one of them out": "refused by `validate`, before there is a file",
    "No file in the": "the text above a hint that is obeyed",
    "Left out of the": "a note",
    "its signature was not checked": "a note",
    "Set `compression: auto`, or ask the sender.": "a file that is packed in a way that the task excludes; integration/codecs",
    "set `empty: skip` next to the contract": "an empty file has no rows to compare; integration/engine",
    "set `header: false` next to `file`": "the file of a value map; unit/definition/test_transforms",
    "Set `pgp: {signed: accept}`. If it is set": "signed twice: there is no setting",
    "If you have this key, add it to the task's": "a key that only a person has",
    "Store the passphrase with": "a secret that only a person has",
    "Set the passphrase that the sender used": "a secret that only a person has",
    "If this is the sender's key": "a key that only a person has",
    "Ask the sender to sign the file": "whether signatures are required is a person's choice",
    "Give the task a key": "a key that only a person has",
    "Ask the sender to encrypt the file": "whether encryption is required is a person's choice",
    "Run `bucketlift check --encodings FILE`": "a person chooses the encoding by its words",
    "ask the sender which one": "a person chooses the order of the bytes",
    "Or keep the sample": "adoption writes the workflow file; integration/service",
    "In that file, set a new sample": "adoption writes the workflow file; integration/service",
    "Add `worker: NAME`": "which machine runs a workflow",
}
"""Texts that name a setting, and why no file is read with it here."""


def test_every_hint_of_the_reader_is_obeyed_or_says_why_not():
    hints = [hint for number in range(len(OBEYED)) for hint in obeyed(number)[1]]
    texts = dict.fromkeys(texts_that_name_a_setting())

    not_obeyed = [text for text in texts if not any(fits(text, hint) for hint in hints)]

    assert [text for text in not_obeyed if not any(known in text for known in NOT_OBEYED)] == []
    assert [known for known in NOT_OBEYED if not any(known in text for text in not_obeyed)] == []


def texts_that_name_a_setting() -> list[str]:
    package = Path(bucketlift.__file__).parent
    files = [
        path
        for folder in ("tabular", "codecs", "service")
        for path in sorted((package / folder).rglob("*.py"))
    ]
    return [
        text
        for path in files
        for text in _texts(ast.parse(path.read_text("utf-8")))
        if NAMES_A_SETTING.search(text)
    ]


def _texts(tree: ast.Module) -> list[str]:
    """Those of the program; a description of it and a part of a longer text are none."""
    nodes = list(ast.walk(tree))
    passed = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    passed |= {
        id(part)
        for node in nodes
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    return [text for node in nodes if id(node) not in passed and (text := _text(node))]


def _text(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part) or ANY for part in node.values)
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def fits(text: str, hint: str) -> bool:
    """Whether the hint has the text, with any values in it."""
    parts = re.split(f"{ANY}|{{}}", text)
    return re.search(".*".join(map(re.escape, parts)), hint, re.DOTALL) is not None
