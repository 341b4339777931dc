"""What goes where: one JSON document or text for people on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from io import TextIOWrapper
from typing import Any, TextIO

from bucketlift.cli import streams
from bucketlift.errors import BucketliftError
from bucketlift.rules.legible import legible


@dataclass(slots=True)
class _Wishes:
    json: bool = False
    log_json: bool = False


_wishes = _Wishes()


def begin(*, as_json: bool = False, log_json: bool = False) -> None:
    """How this command answers; a wrong command line is answered in JSON too where that was asked."""
    _wishes.json, _wishes.log_json = as_json, log_json


def is_json() -> bool:
    return _wishes.json


def logs_json() -> bool:
    return _wishes.log_json


def document(value: Any) -> None:
    """The one document of a command with --json: in UTF-8, or in ASCII for a terminal that takes no UTF-8."""
    plain = not is_utf8(sys.stdout)
    if plain:
        _recode("ascii")
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=plain) + "\n")


def text(value: str) -> None:
    sys.stdout.write(value if value.endswith("\n") else value + "\n")


def file(parts: Iterable[str]) -> None:
    """What is kept as a file, as by `> project.yaml`: in UTF-8, whatever the terminal takes."""
    if not is_utf8(sys.stdout):
        _recode("utf-8")
    for part in parts:
        sys.stdout.write(part)


def is_unread() -> bool:
    """Whether whoever read standard output has gone, as `head` does."""
    sink = streams.sink_of(sys.stdout)
    return sink is not None and sink.failure is not None


def is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def _recode(encoding: str) -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def flush() -> None:
    """Let a program that reads us have it now: we stay."""
    sys.stdout.flush()


def note(value: str) -> None:
    """For the person at the terminal; never part of an answer."""
    sys.stderr.write((json.dumps({"event": value, "level": "info"}) if _wishes.log_json else value) + "\n")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    empty: str,
    whole: Collection[str] = ("id", "run", "name", "state", "rows", "rejected"),
) -> None:
    """Rows under a heading, or what to do where there is none.

    Columns named in ``whole`` are never broken: people copy them. The others fold on a narrow terminal.
    """
    from rich.cells import cell_len
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    found = [[safe(value) for value in row] for row in rows]
    if not found:
        text(empty)
        return
    shown = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold", no_wrap=column in whole)
    for row in found:
        shown.add_row(*(Text(value) for value in row))
    console = Console(highlight=False)
    if not console.is_terminal:
        widths = [max(cell_len(line[at]) for line in [list(columns), *found]) for at in range(len(columns))]
        console = Console(highlight=False, width=sum(widths) + 2 * len(widths))
    console.print(shown)


def details(pairs: Iterable[tuple[str, object]]) -> None:
    """One thing, a line per property that it has."""
    shown = [(f"{name}:", _words(value)) for name, value in pairs if value not in (None, "", [], ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        text(f"{name:<{width}} {safe(value)}")


def moment(value: str | None) -> str | None:
    """A time of an answer as people read it: UTC, to the second."""
    return value and f"{value[:19].replace('T', ' ')}Z"


def error(problem: BucketliftError) -> None:
    """What happened, to what, and what to do."""
    if _wishes.json:
        document({"error": {"what": problem.what, "to": problem.to, "hint": problem.hint}})
        return
    sys.stderr.write(f"Error: {safe(problem.what)}\n")
    if problem.to:
        sys.stderr.write(f"   to: {safe(problem.to)}\n")
    if problem.hint:
        sys.stderr.write(f" hint: {safe(problem.hint)}\n")
    for further in getattr(problem, "problems", ())[1:]:
        sys.stderr.write(f" also: {safe(further)}\n")


def _words(value: object) -> object:
    """References and lists as a person would write them."""
    match value:
        case bool():
            return "yes" if value else "no"
        case dict():
            return ", ".join(f"{name} {what}" for name, what in value.items())
        case list() | tuple():
            return "; ".join(str(_words(each)) for each in value)
        case _:
            return value


def safe(value: object) -> str:
    """As text that can neither move the cursor nor forge a line: keys may hold any character."""
    return "" if value is None else legible(str(value))
