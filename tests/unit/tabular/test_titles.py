"""Files with titles above their table that no contract describes: held with the line of the header, which reads them."""

from __future__ import annotations

import re
from typing import Any

import pytest

import bucketlift
from bucketlift.errors import FileHeld

TITLES = {
    "a title and a blank line": "Monthly report\n\nid,name\n1,Ann\n2,Bo\n",
    "titles filled up by a spreadsheet": "Report: people,\nRun at 2026-01-05,\n,\nid,name\n1,Ann\n2,Bo\n",
    "comments": "# people\n# of 2026-01-05\nid,name\n1,Ann\n2,Bo\n",
    "a title of two cells above three": "Account,DE12,\nHolder,Ann,\nid,name,amount\n1,Ann,5.00\n2,Bo,6.00\n",
    "names in a byte order mark's file": "\ufeffPeople\nid,name\n1,Ann\n2,Bo\n",
    "years as names": "Budget,,\nname,2025,2026\nAnn,5,6\nBo,7,8\n",
}
NONE = {
    "a column of an index": ",name,age\n0,Ann,5\n1,Bo,6\n",
    "a second row of names": "Who,Colors,,\n,Red,Green,Blue\n1,x,,\n2,,x,\n",
    "one column of sentences": "note\nHello, you\nfine\nyes, so\nBye, then\n",
    "records below a column without name": "name,,city\nAnn,x,Rome\nBo,y,Oslo\n",
}


def held(path):
    with pytest.raises(FileHeld) as caught:
        bucketlift.read_file(path)
    return caught.value


@pytest.mark.parametrize("text", TITLES.values(), ids=TITLES.keys())
def test_a_file_with_titles_is_held_with_the_line_that_reads_it(tmp_path, text):
    path = tmp_path / "report.csv"
    path.write_text(text, encoding="utf-8")

    error = held(path)

    said = re.search(r"`dialect: \{header_line: (\d+)\}`", error.hint)
    assert error.reason == "preamble"
    assert said is not None
    line = int(said[1])
    names, *rows = [row.split(",") for row in text.lstrip("\ufeff").split("\n")[line - 1 : -1]]
    reading = bucketlift.read_file(path, dialect={"header_line": line})
    assert reading.rows.column_names == names
    assert [list(row.values()) for row in reading.rows.to_pylist()] == rows
    assert reading.notes == (f"Lines above the table were left out: {line - 1}",)


@pytest.mark.parametrize("text", NONE.values(), ids=NONE.keys())
def test_a_record_is_not_taken_for_a_header_below(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text, encoding="utf-8")

    assert held(path).reason != "preamble"


def test_a_column_without_a_name_is_read_by_the_names_of_the_task(tmp_path):
    path = tmp_path / "frame.csv"
    path.write_text(",name,age\n0,Ann,5\n1,Bo,6\n", encoding="utf-8")

    assert "`dialect: {header: false, skip_lines: 1}`" in held(path).hint

    named: dict[str, Any] = {"columns": ["row", "name", "age"], "dialect": {"header": False, "skip_lines": 1}}
    with pytest.raises(FileHeld, match=r"set `contract: \{preamble: accept\}`"):
        bucketlift.read_file(path, **named)
    assert bucketlift.read_file(path, **named, contract={"preamble": "accept"}).rows.to_pylist() == [
        {"row": "0", "name": "Ann", "age": "5"},
        {"row": "1", "name": "Bo", "age": "6"},
    ]
