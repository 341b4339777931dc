"""Files as people really send them: each loads right, or is held with a hint that names the way."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from cases.hints import settings_in
from cases.reading import Held, Rows, read
from cases.table import WAYS, Hint, Way

FOLDER = Path(__file__).parent
ALL = sorted(
    f"{path.parent.name}/{path.name}" for path in FOLDER.glob("[0-9]*/*") if path.name != "sample.csv"
)


A_WAY = re.compile(
    r"\baliases\b|\bcorrect the file\b|\bpattern\b|\bsample\b|\bexport it\b|Ask the sender|names of the columns"
)


@pytest.mark.parametrize("way", WAYS, ids=str)
def test_a_file_of_people_loads_right_or_is_held_with_the_way(way: Way, tmp_path: Path):
    sample = a_sample(way, tmp_path)

    found = read(FOLDER / way.file, way.settings, sample)

    if isinstance(way.expected, Hint):
        assert isinstance(found, Held), found
        assert found.reason == way.expected.reason
        assert way.expected.text in found.hint
        assert settings_in(found.hint) or A_WAY.search(found.hint), found.hint
    else:
        assert isinstance(found, Rows), found
        assert (found.rows, found.notes) == (way.expected.rows, way.expected.notes)


def test_every_file_is_in_the_table():
    assert sorted({way.file for way in WAYS}) == ALL


def a_sample(way: Way, folder: Path) -> Path | None:
    """The folder's own, or one that is written as the settings say."""
    if way.first:
        return None
    if not way.columns:
        return (FOLDER / way.file).with_name("sample.csv")
    delimiter = way.settings.get("dialect", {}).get("delimiter", ",")
    sample = folder / "sample.csv"
    sample.write_text(delimiter.join(way.columns) + "\n", "utf-8")
    return sample
