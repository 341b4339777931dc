"""Files whose records end with something other than CR and LF: held, and not read as one record."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect, LineEnd
from bucketlift.model.hold import HeldReason
from bucketlift.tabular.sample import read_sample
from unit.tabular.files import a_contract, read

ENDS = ["\x85", "\u2028", "\u2029", "\v", "\f", "\x1e", "|", "\\n", "\\r\\n", "<br>", ";", "~"]
ROWS = ("Id,Name", "1,Ann", "2,Bo")
CLEAN = {
    "a header alone": "Id,Name\n",
    "a line separator in a cell": "Id,Name\n1,Ann\u2028Lee\n2,Bo\n",
    "a line separator in the cell of the only row": "Id,Name\n1,Ann\u2028Lee\n",
    "a vertical tab in the only row": "Name\nAnn\vLee\n",
    "tags in the only row": "Id,Name\n1,a<br>b<br>c\n",
    "a form feed at the end": "Id,Name\n1,Ann\n\f",
}


def written(end: str, *, last: str = "") -> str:
    return end.join(ROWS) + last


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("has_last", [True, False])
def test_a_first_file_with_other_line_ends_is_doubted(tmp_path, end, has_last):
    path = tmp_path / "first.csv"
    path.write_text(written(end, last=end if has_last else "\n"), "utf-8", newline="")

    doubt = read_sample(path, Dialect()).doubt

    assert doubt is not None
    assert doubt.reason in (HeldReason.WRONG_DELIMITER, HeldReason.NO_HEADER)
    assert "end with" in doubt.what
    assert "Ask the sender for records that end with LF or CRLF." in doubt.on_command


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029", "\x1e"])
def test_a_first_file_of_one_column_is_doubted_too(tmp_path, end):
    path = tmp_path / "first.csv"
    path.write_text(end.join(["Id", "1", "2", ""]), "utf-8", newline="")

    doubt = read_sample(path, Dialect()).doubt

    assert doubt is not None
    assert "end with" in doubt.what


@pytest.mark.parametrize("end", ENDS)
def test_records_with_other_line_ends_are_held_with_and_without_a_header(tmp_path, end):
    headed = read(tmp_path, written(end).encode(), a_contract("Id", "Name"))
    below = read(
        tmp_path, ("Id,Name\n" + end.join(["1,Ann", "2,Bo", "3,Cy"])).encode(), a_contract("Id", "Name")
    )
    alone = read(tmp_path, written(end).encode(), a_contract("Id", "Name", dialect=Dialect(header=False)))

    for found in (headed, below, alone):
        assert found.reading.hold is not None
        assert found.reading.hold.reason is HeldReason.WRONG_DELIMITER
        assert found.reading.hold.what.startswith("The records end with ")


def test_ebcdic_with_next_lines_is_held(tmp_path):
    dialect = Dialect(header=False, encoding="cp500")

    hold = read(tmp_path, "Ann\x85Bo\x85".encode("cp500"), a_contract("Name", dialect=dialect)).reading.hold

    assert hold is not None
    assert hold.what == "The records end with U+0085 (NEL), which is read as content"


def test_a_task_that_sets_the_line_end_reads_other_ones_as_content(tmp_path):
    dialect = Dialect(header=False, line_end=LineEnd.LF)

    found = read(tmp_path, "Ann\x85Bo\n".encode(), a_contract("Name", dialect=dialect))

    assert (found.reading.hold, found.rows) == (None, [("Ann\x85Bo", 1)])


@pytest.mark.parametrize("name", CLEAN)
def test_marks_in_cells_hold_no_file(tmp_path, name):
    path = tmp_path / "first.csv"
    path.write_text(CLEAN[name], "utf-8", newline="")
    names = CLEAN[name].split("\n")[0].split(",")

    assert read_sample(path, Dialect()).doubt is None
    assert read(tmp_path, CLEAN[name].encode(), a_contract(*names)).reading.hold is None
