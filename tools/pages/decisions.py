"""The decision records, as a list."""

from __future__ import annotations

import re
from pathlib import Path

from tools.pages import markdown

_INTRODUCTION = """
Each record states a decision, its reasons and the alternatives. A later record may replace an earlier one;
both are kept.
"""


def page(folder: Path) -> str:
    """The list of the records in a folder, by number."""
    return markdown.page("Decisions", _INTRODUCTION, "\n".join(_entries(folder)))


def _entries(folder: Path) -> list[str]:
    return [_entry(path) for path in sorted(folder.glob("[0-9]*.md"))]


def _entry(path: Path) -> str:
    heading = path.read_text(encoding="utf-8").partition("\n")[0]
    number, title = re.split(r"[.:] ", heading.removeprefix("# "), maxsplit=1)
    return f"- {int(number)}: [{title}]({path.name})"
