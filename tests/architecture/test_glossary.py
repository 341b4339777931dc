"""The glossary names each thing once, and what it names is in the code.

It is not checked that the name of each class consists of its words: classes are made of hundreds of common words of
programming, and a list of all of those would have to grow with every class.
"""

from __future__ import annotations

import re
from pathlib import Path

from bucketlift.ledger.tables import metadata

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "glossary.md").read_text("utf-8")


def first_cells(title: str) -> list[str]:
    """The words of a table, in its order."""
    section = TEXT.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    return re.findall(r"^\| ([^|-][^|]*) \|", section, re.MULTILINE)[1:]


def words() -> list[str]:
    return [*first_cells("Words"), *first_cells("Words of the code")]


def singular(table: str) -> str:
    return re.sub(r"s$", "", table.replace("_", " "))


def module_file(name: str) -> Path:
    return ROOT / "src" / "bucketlift" / f"{name.replace('.', '/')}.py"


def test_each_word_has_one_line_in_the_order_of_the_alphabet():
    for title in ("Words", "Words of the code"):
        found = first_cells(title)

        assert found == sorted(set(found), key=str.lower)
    assert len(words()) == len(set(words()))


def test_each_table_of_the_ledger_is_a_word_or_named_by_one():
    known = {*words(), *re.findall(r"`([a-z_]+)`", TEXT)}

    tables = [name for name in metadata.tables if not {name, singular(name)} & known]

    assert tables == []


def test_each_module_that_is_named_exists():
    modules = re.findall(r"^\| [^|]+ \| [^|]+ \| `([a-z_.]+)` \|$", TEXT, re.MULTILINE)

    assert modules
    assert [name for name in modules if not module_file(name).exists()] == []
