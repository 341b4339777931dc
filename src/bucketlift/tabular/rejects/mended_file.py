"""Reads a file of mended rejects, in one of the two export formats."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bucketlift.errors import RequestWrong
from bucketlift.model.mending import MendedRow
from bucketlift.tabular.bytes.marks import BOM
from bucketlift.tabular.rejects import json_lines
from bucketlift.tabular.rejects.sheet import Sheet

MANY = 100_000
"""Maximum number of rows in one replay."""
_SHOWN = 10


def read_mended(mended: Path, fields: Sequence[str], scratch: Path) -> list[MendedRow]:
    """Read the mended rows, in the order of the source file. ``scratch`` is a folder for temporary files.

    Raises:
        RequestWrong: the file cannot be read, has other columns, contains a reject twice with different
        cells, or has too many rows.
    """
    try:
        with mended.open("rb") as file:
            is_json = file.read(len(BOM) + 1).removeprefix(BOM).startswith(b"{")
        rows = json_lines.read(mended, fields) if is_json else Sheet.of(fields).read(mended, scratch)
    except OSError as error:
        raise RequestWrong(f"The mended file cannot be read ({error.strerror})", to=str(mended)) from None
    rows = _without_repeats(rows, mended.name)
    if len(rows) > MANY:
        raise RequestWrong(
            f"The mended file has {len(rows):,} rows, but at most {MANY:,} can be replayed at once",
            to=mended.name,
            hint="Split the mended file and replay the parts, or upload a whole corrected file to the bucket.",
        )
    return sorted(rows, key=lambda row: row.offset)


def _without_repeats(rows: Sequence[MendedRow], name: str) -> list[MendedRow]:
    """Each reject once. A row that several destinations refused is exported once for each of them.

    Raises:
        RequestWrong: the rows of a reject have different cells.
    """
    found: dict[tuple[int, int], MendedRow] = {}
    different = dict[str, None]()
    for row in rows:
        if found.setdefault((row.line, row.offset), row).cells != row.cells:
            different[str(row.line)] = None
    if different:
        raise RequestWrong(
            f"Rejects with several rows whose cells differ: lines {', '.join([*different][:_SHOWN])}",
            to=name,
            hint="Keep one row for each line, with the correct cells, and remove the others: it is sent to all destinations "
            "that refused it.",
        )
    return list(found.values())
