"""Writes rejects as JSON lines with their exact bytes, and reads mended rows in this form."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import ClaimId
from bucketlift.model.mending import MendedRow, Origin
from bucketlift.model.rows import Reject
from bucketlift.tabular.rejects.sheet import EXPORT_AGAIN
from bucketlift.tabular.rejects.splitting import Cells

_NAMES = frozenset(
    {"line", "offset", "reason", "field", "cells", "text", "raw_base64", "file", "load_task", "message"}
)


def as_json(reject: Reject, cells: Cells, text: str) -> dict[str, Any]:
    """A reject with its exact bytes in base64. A cell that is not known is null.

    A row that a destination refused also has the load task and the destination's words.
    """
    refused = {"load_task": reject.load_task, "message": reject.message} if reject.load_task else {}
    return {
        "line": reject.line,
        "offset": reject.offset,
        "reason": str(reject.reason),
        "field": reject.field,
        "cells": cells,
        "text": text,
        "raw_base64": base64.b64encode(reject.raw).decode("ascii"),
        **refused,
    }


def write(rejects: Iterable[tuple[Reject, Cells, str]], file: ClaimId) -> Iterator[str]:
    for each in rejects:
        yield json.dumps(as_json(*each) | {"file": file}, ensure_ascii=False) + "\n"


def read(mended: Path, fields: Sequence[str]) -> list[MendedRow]:
    """Read the rows of mended JSON lines.

    Raises:
        RequestWrong: a line is not JSON, or is not a reject with these fields.
    """
    with mended.open(encoding="utf-8-sig") as lines:
        try:
            numbered = [(at, line) for at, line in enumerate(lines, start=1) if line.strip()]
        except UnicodeDecodeError:
            raise RequestWrong("The mended file is not UTF-8", to=mended.name, hint=EXPORT_AGAIN) from None
    return [_row(at, line, fields) for at, line in numbered]


def _row(at: int, line: str, fields: Sequence[str]) -> MendedRow:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        raise _wrong(at, "is not JSON") from None
    if not isinstance(found, dict) or not _NAMES.issuperset(found):
        raise _wrong(at, "is not a reject as exported")
    cells = found.get("cells")
    if not isinstance(cells, dict) or set(cells) != set(fields):
        raise _wrong(at, "has cells that do not match the contract's fields")
    if not all(value is None or _is_text(value) for value in cells.values()):
        raise _wrong(at, "has a cell that is not text")
    if not (_is_number(found.get("line")) and _is_number(found.get("offset"))):
        raise _wrong(at, "has no line and offset")
    return MendedRow(line=found["line"], offset=found["offset"], cells=cells, origin=_origin(at, found))


def _origin(at: int, found: dict[str, Any]) -> Origin:
    file, raw = found.get("file"), found.get("raw_base64")
    try:
        exact = None if raw is None else base64.b64decode(raw, validate=True)
    except (TypeError, ValueError):
        raise _wrong(at, "has bytes that are not base64") from None
    if not (file is None or isinstance(file, str)):
        raise _wrong(at, "has a file name that is not text")
    return Origin(file=file, raw=exact)


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 63


def _is_text(value: object) -> bool:
    """Whether the value is text. A lone surrogate is not text, although JSON can contain it."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _wrong(at: int, what: str) -> RequestWrong:
    return RequestWrong(f"Line {at} of the mended file {what}", hint=EXPORT_AGAIN)
