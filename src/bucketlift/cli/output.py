"""Output of commands: one JSON document or text on stdout, all other output on stderr."""

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
class _Format:
    json: bool = False
    log_json: bool = False


_format = _Format()


def begin(*, as_json: bool = False, log_json: bool = False) -> None:
    """Set the format of the output. Call this before arguments are parsed, so that errors in the arguments
    have this format too.
    """
    _format.json, _format.log_json = as_json, log_json


def is_json() -> bool:
    return _format.json


def logs_json() -> bool:
    return _format.log_json


def document(value: Any) -> None:
    """Print the command's JSON document: UTF-8, or ASCII if the terminal does not accept UTF-8."""
    plain = not is_utf8(sys.stdout)
    if plain:
        _recode("ascii")
    sys.stdout.write(json.dumps(value, indent=2, ensure_ascii=plain) + "\n")


def text(value: str) -> None:
    sys.stdout.write(value if value.endswith("\n") else value + "\n")


def file(parts: Iterable[str]) -> None:
    """Print text that is meant for a file, as in `> project.yaml`. It is always in UTF-8."""
    if not is_utf8(sys.stdout):
        _recode("utf-8")
    for part in parts:
        sys.stdout.write(part)


def is_unread() -> bool:
    """Whether the program that reads standard output has closed it, as `head` does."""
    sink = streams.sink_of(sys.stdout)
    return sink is not None and sink.failure is not None


def is_utf8(stream: TextIO) -> bool:
    return (stream.encoding or "").lower().replace("-", "").replace("_", "") == "utf8"


def _recode(encoding: str) -> None:
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding=encoding, errors="backslashreplace")


def flush() -> None:
    """Write buffered output now, so that a program can read the output of a long-running command."""
    sys.stdout.flush()


def note(value: str) -> None:
    """Print a message for the person at the terminal; it is never part of the result."""
    sys.stderr.write((json.dumps({"event": value, "level": "info"}) if _format.log_json else value) + "\n")


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[object]],
    *,
    empty: str,
    whole: Collection[str] = ("id", "run", "name", "state", "rows", "rejected"),
) -> None:
    """Print rows below a heading, or the text ``empty`` if there are no rows.

    Values in the columns ``whole`` are never broken into lines, because people copy them. Values in other
    columns are broken on a narrow terminal.
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
    """Print the properties of one object: a line for each property that has a value."""
    shown = [(f"{name}:", _words(value)) for name, value in pairs if value not in (None, "", [], ())]
    width = max((len(name) for name, _ in shown), default=0)
    for name, value in shown:
        text(f"{name:<{width}} {safe(value)}")


def moment(value: str | None) -> str | None:
    """Format a timestamp for people, in UTC with seconds."""
    return value and f"{value[:19].replace('T', ' ')}Z"


def error(problem: BucketliftError) -> None:
    """Print an error: what happened, to what, and what to do."""
    if _format.json:
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
    """Convert references and lists to text for people."""
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
    """Escape characters that could move the cursor or look like another line, because keys may contain any
    character.
    """
    return "" if value is None else legible(str(value))
