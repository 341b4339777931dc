"""Prints the findings of `doctor` as a table that fits a narrow terminal."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from bucketlift.cli import output

if TYPE_CHECKING:
    from bucketlift.model.finding import Finding

WIDEST = 100
NARROW = 60
"""Number of columns of a narrow terminal. On a narrower one, each finding is printed on separate lines."""


def show(findings: Sequence[Finding]) -> None:
    """Print each finding on one line if it fits, with its hint below."""
    width = min(shutil.get_terminal_size().columns, WIDEST) if sys.stdout.isatty() else 80
    for line in lines(findings, width=width):
        output.text(line)


def lines(findings: Sequence[Finding], *, width: int) -> Iterator[str]:
    """Yield the lines for the findings. If several findings have the same hint, it is printed only after the
    first.
    """
    healths = max((len(each.health.value) for each in findings), default=0)
    checks = max((len(each.check) for each in findings), default=0)
    hints: set[str] = set()
    for each in findings:
        health = each.health.value if each.health.value == "ok" else each.health.value.upper()
        head = f"{health:<{healths}}  {each.check:<{checks}}  "
        if width < NARROW:
            yield head.rstrip()
            head = "  "
        yield from _folded(each.what, head, " " * len(head), width)
        if each.hint and each.hint not in hints:
            hints.add(each.hint)
            yield from _folded(each.hint, " " * len(head) + "-> ", " " * (len(head) + 3), width)


def _folded(text: str, first: str, rest: str, width: int) -> list[str]:
    return textwrap.wrap(
        output.safe(text),
        width=max(width, len(rest) + 20),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
    )
