"""A mended file is read to the letter, or refused with words."""

from __future__ import annotations

import codecs
import csv
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.errors import RequestWrong
from bucketlift.model.mending import MendedRow, Origin
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.tabular.rejects import json_lines
from bucketlift.tabular.rejects.mended_file import read_mended
from bucketlift.tabular.rejects.origins import belongs_to
from bucketlift.tabular.rejects.sheet import LONGEST, Sheet
from bucketlift.tabular.rejects.splitting import Cells
from budgets import examples
from builders import a_claim

FIELDS = ("id", "Line")
HEADER = "line_,offset,reason,field,id,Line,text\r\n"
"""As older versions wrote it; it still stands where somebody took our last column out."""
NAMING = "line_,offset,reason,field,id,Line,text,file\r\n"
CELL = st.none() | st.text(
    st.one_of(
        st.sampled_from("'=-@\t\r\n,;\"<missing>"), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=10,
)


def read(tmp_path, text: str | bytes) -> list[MendedRow]:
    path = tmp_path / "mended.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_mended(path, FIELDS, tmp_path)


def a_reject(line: int = 3, offset: int = 20) -> Reject:
    return Reject(line=line, offset=offset, raw=b"x\n", reason=RejectReason.WIDTH)


@settings(max_examples=examples(60), deadline=None)
@given(st.lists(st.tuples(CELL, CELL), min_size=1, max_size=4), st.booleans())
def test_an_export_that_nobody_touched_comes_back_to_the_letter(tmp_path_factory, found, as_json):
    folder = tmp_path_factory.mktemp("mended")
    told = [
        (a_reject(line=at, offset=at * 10), dict(zip(FIELDS, pair, strict=True)), "=\0text")
        for at, pair in enumerate(found, start=2)
    ]
    claim = a_claim()
    lines = json_lines.write(told, claim.id) if as_json else Sheet.of(FIELDS).write(told, claim)

    rows = read(folder, "".join(lines))

    origin = Origin(file=claim.id, raw=b"x\n") if as_json else Origin(file=claim.id, text="=\ufffdtext")
    assert rows == [
        MendedRow(line=r.line, offset=r.offset, cells=cells, origin=origin) for r, cells, _ in told
    ]


def test_our_columns_make_way_for_fields_of_their_names():
    told: list[tuple[Reject, Cells, str]] = [(a_reject(), {"id": "1", "Line": "=x"}, "1")]

    written = "".join(Sheet.of(FIELDS).write(told, a_claim(id="7" * 16)))

    assert written == NAMING + f"3,20,wrong-width,,1,'=x,1,{'7' * 16} in/a.csv\r\n"


def test_a_cell_that_no_spreadsheet_can_hold_must_be_filled_in_anew():
    told: list[tuple[Reject, Cells, str]] = [(a_reject(), {"id": "x" * (LONGEST + 1), "Line": ""}, "")]

    written = "".join(Sheet.of(FIELDS).write(told, a_claim()))

    assert next(csv.DictReader(io.StringIO(written)))["id"] == "<missing>"


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_a_spreadsheet_may_write_its_own_delimiter_a_mark_and_rows_of_nothing(tmp_path, delimiter):
    body = (HEADER + "3,20,wrong-width,,1,b,\r\n,,,,,,\r\n").replace(",", delimiter).encode()

    rows = read(tmp_path, codecs.BOM_UTF8 + body)

    assert rows == [MendedRow(line=3, offset=20, cells={"id": "1", "Line": "b"})]


def test_rows_come_in_the_order_of_their_file(tmp_path):
    rows = read(tmp_path, HEADER + "9,90,,,1,b,\n3,20,,,1,b,\n")

    assert [row.line for row in rows] == [3, 9]


def test_the_same_row_twice_is_one_row(tmp_path):
    rows = read(tmp_path, HEADER + "3,20,,,1,b,\n3,20,refused,,1,b,\n")

    assert rows == [MendedRow(line=3, offset=20, cells={"id": "1", "Line": "b"})]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("line,offset,reason,field,id,Line,text\n", "another header"),
        (HEADER.replace("id", "key"), "another header"),
        (HEADER.replace(",text", ",text,note"), "another header"),
        ("", "The file is empty"),
        (HEADER + "3,20,,,1,b,\n3,20,,,2,b,\n", "Rejects with several rows whose cells differ: lines 3"),
        (HEADER + '3,20,,,1,"b"c,\n', r"read exactly: line 2 \(bare-quote\)"),
        (HEADER + "3,20,,,1,b\n", r"line 2 \(wrong-width\)"),
        (HEADER + "3.0,20,,,1,b,\n", "Line 2 of the mended file has no number in its column line_"),
        (HEADER.encode() + b"3,20,,,1,\xe4,\n", "The file is not UTF-8"),
        ("{\n", "Line 1 of the mended file is not JSON"),
        ('{"line": 3, "offset": 20, "cells": {"id": "1"}}', "cells that do not match the contract"),
        ('{"line": 3, "offset": 20, "cells": {"id": "1", "Line": 2}}', "a cell that is not text"),
        ('{"line": 3, "offset": 20, "cells": {"id": "1", "Line": "\\ud800"}}', "a cell that is not text"),
        ('{"line": "3", "offset": 20, "cells": {"id": "1", "Line": "b"}}', "no line and offset"),
        (
            '{"line": 3, "offset": 20, "file": 7, "cells": {"id": "1", "Line": "b"}}',
            "a file name that is not text",
        ),
        ('{"line": 3, "offset": 20, "raw_base64": "=", "cells": {"id": "1", "Line": "b"}}', "not base64"),
        ('{"line": 3, "offset": 20, "more": 1, "cells": {"id": "1", "Line": "b"}}', "as exported"),
    ],
)
def test_anything_else_is_refused_with_words(tmp_path, text, why):
    with pytest.raises(RequestWrong, match=why):
        read(tmp_path, text)


@pytest.mark.parametrize(
    ("header", "end", "origin"),
    [
        (HEADER, "'=x", Origin(text="=x")),
        (HEADER, "", Origin()),
        (NAMING, "x,0a1b in/a b.csv", Origin(file="0a1b", text="x")),
        (NAMING, ",", Origin()),
    ],
)
def test_a_row_tells_where_it_came_from_as_far_as_its_columns_are_there(tmp_path, header, end, origin):
    (row,) = read(tmp_path, header + f"3,20,wrong-width,,1,b,{end}\r\n")

    assert row.origin == origin


@pytest.mark.parametrize(
    ("origin", "of"),
    [
        (Origin(), True),
        (Origin(text="2, Bob\n"), True),
        (Origin(text="2,Rob"), False),
        (Origin(file="0a1b", text="2,Rob"), True),
        (Origin(raw=b"2,Bob\r\n"), True),
        (Origin(raw=b"2,Rob\r\n"), False),
    ],
)
def test_a_row_is_of_a_reject_unless_it_tells_of_another(origin, of):
    reject = Reject(line=3, offset=20, raw=b"2,Bob\r\n", reason=RejectReason.WIDTH)

    assert belongs_to(origin, reject, "2,Bob") is of


def test_a_file_that_is_not_there_is_a_wrong_request(tmp_path):
    with pytest.raises(RequestWrong, match="cannot be read"):
        read_mended(tmp_path / "none.csv", FIELDS, tmp_path)


def test_json_keeps_the_exact_bytes():
    reject = Reject(line=3, offset=20, raw=b"\xff\n", reason=RejectReason.NUL)

    (line,) = json_lines.write([(reject, {"id": None, "Line": "b"}, "\ufffd")], a_claim(id="7" * 16).id)

    assert json.loads(line) == {
        "line": 3,
        "offset": 20,
        "reason": "nul",
        "field": None,
        "cells": {"id": None, "Line": "b"},
        "text": "\ufffd",
        "raw_base64": "/wo=",
        "file": "7" * 16,
    }
