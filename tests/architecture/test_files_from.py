"""Every section of the page "Files from ..." reads its own excerpt as it says."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

import bucketlift
from bucketlift.errors import FileHeld

PAGE = Path(__file__).parent.parent.parent / "docs/how-to/files-from.md"
SOURCES = (
    "Qualtrics",
    "SurveyMonkey",
    "Salesforce",
    "SAP lists",
    "Workday and ADP reports",
    "Excel in Europe",
    "MySQL and MariaDB",
    "PostgreSQL",
    "Banks",
)


@dataclass(frozen=True, kw_only=True)
class Section:
    excerpt: str
    default: tuple[str, ...]
    """Why the file is held with default settings: one of these reasons."""
    settings: dict[str, Any]
    table: list[list[str]]
    """The names of the columns, and the rows."""

    @property
    def file(self) -> bytes:
        return self.excerpt.encode(self.settings["dialect"].get("encoding", "utf-8"))


def sections() -> dict[str, Section]:
    texts = PAGE.read_text("utf-8").split("\n## ")[1:]
    return {text.partition("\n")[0]: section(text) for text in texts}


def section(text: str) -> Section:
    excerpt, settings = re.findall(r"^```\w+\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    prose = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    held = re.search(r"^By default the file is held \((.*?)\)", prose, re.MULTILINE)
    assert held is not None
    head, _, *rows = [line for line in prose.splitlines() if line.startswith("|")]
    return Section(
        excerpt=excerpt,
        default=tuple(re.findall(r"`([\w-]+)`", held[1])),
        settings=YAML(typ="safe", pure=True).load(StringIO(settings)),
        table=[cells(row) for row in (head, *rows)],
    )


def cells(row: str) -> list[str]:
    return [cell.strip(" ").replace("<br>", "\n") for cell in row[1:-1].split("|")]


def shown(value: object) -> str:
    return "*null*" if value is None else str(value)


def test_every_source_has_a_section():
    assert tuple(sections()) == SOURCES


@pytest.mark.parametrize("source", SOURCES)
def test_the_settings_of_a_section_read_its_excerpt(tmp_path, source):
    file, found = tmp_path / "file.csv", sections()[source]
    file.write_bytes(found.file)

    reading = bucketlift.read_file(file, **found.settings)

    rows = [[shown(value) for value in row.values()] for row in reading.rows.to_pylist()]
    assert [reading.rows.column_names, *rows] == found.table


@pytest.mark.parametrize("source", SOURCES)
def test_with_default_settings_the_excerpt_is_held_for_the_reason_that_is_named(tmp_path, source):
    file, found = tmp_path / "file.csv", sections()[source]
    file.write_bytes(found.file)

    with pytest.raises(FileHeld) as held:
        bucketlift.read_file(file)

    assert held.value.reason == found.default[0]
