"""Files whose columns have a fixed width are not read as one column."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Dialect
from bucketlift.model.hold import HeldReason
from bucketlift.tabular.sample import read_sample

FIXED = {
    "aligned left": "ID   NAME      AMT\n1    Ann       5.00\n2    Bo        7.00\n",
    "aligned right": "  ID NAME            AMT\n   1 Ann           1005.00\n  12 Bo Lee           7.00\n",
    "some cells are empty": "ID   NAME      AMT\n1    Ann       5.00\n2              7.00\n3    Cy\n",
    "CRLF": "ID   NAME\r\n1    Ann\r\n2    Bo\r\n",
}
ONE_COLUMN = {
    "a name with two blanks": "Full  name\nAnn Lee\nBo May\n",
    "texts with two blanks": "Text\nOne.  Two.\nThree.  Four.\n",
    "texts with blanks at other places": "A text  of people\nOne.  Two and three\nThree and four.  Five\n",
    "one row": "Full  name\nAnn   Lee\n",
    "padded names": "  Name  \nAnn   \nBo    \n",
}


def doubt(tmp_path, text: str):
    path = tmp_path / "first.csv"
    path.write_text(text, "utf-8", newline="")
    return read_sample(path, Dialect()).doubt


@pytest.mark.parametrize("name", FIXED)
def test_columns_of_a_fixed_width_are_doubted(tmp_path, name):
    found = doubt(tmp_path, FIXED[name])

    assert found is not None
    assert found.reason is HeldReason.WRONG_DELIMITER
    assert "fixed width" in found.what


@pytest.mark.parametrize("name", ONE_COLUMN)
def test_texts_with_blanks_are_one_column(tmp_path, name):
    assert doubt(tmp_path, ONE_COLUMN[name]) is None
