"""Rows that could not be read exactly: look at them, and take them out to be mended."""

from __future__ import annotations

import base64
import csv
import io
from typing import Any

from bucketlift.model.rows import Reject
from bucketlift.service.app import App

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0")
"""OWASP, "CSV Injection": a spreadsheet takes a cell that begins so for a formula."""


def find(app: App, file: str) -> list[Reject]:
    """The rejects kept of a file: all of a loaded one, the first 1,000 of a held one."""
    return app.files.rejects(app.files.get(file).id)


def shown(reject: Reject) -> dict[str, Any]:
    """With the exact bytes, in base64."""
    return {
        "line": reject.line,
        "offset": reject.offset,
        "reason": str(reject.reason),
        "field": reject.field,
        "raw_base64": base64.b64encode(reject.raw).decode("ascii"),
    }


def as_csv(rejects: list[Reject]) -> str:
    """For a spreadsheet: line, offset, reason, field and the original text, formulas made harmless.

    Bytes that are not UTF-8 show as U+FFFD; the JSON form keeps them.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["line", "offset", "reason", "field", "text"])
    for reject in rejects:
        original = reject.raw.decode("utf-8", "replace").rstrip("\r\n")
        writer.writerow(
            [reject.line, reject.offset, str(reject.reason), reject.field or "", _harmless(original)]
        )
    return text.getvalue()


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text
