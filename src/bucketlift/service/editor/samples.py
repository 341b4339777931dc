"""Sample files that somebody uploads: read as data, and only their beginning is kept, until the task is saved."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract
from bucketlift.model.rows import RejectReason
from bucketlift.service.core.app import App
from bucketlift.service.editor import extracts
from bucketlift.service.editor.documents import on_page
from bucketlift.tabular.sample import named_fields, read_sample, sample_misfits, sample_rows

LARGEST = 10_000_000
"""Bytes of an upload; a page cuts larger files before it sends them, for only the beginning is looked at."""
KEPT = 64 * 1024
"""Bytes that are kept for *Verify fields*."""
ROWS_SHOWN = 2
Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What *Verify fields* shows."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    """Lines of the sample that were left out, or that files have and it has not."""
    doubt: RequestWrong | None = None
    """Why the first row may name no columns; the task cannot be saved until a setting ends the doubt."""
    misfits: dict[str, tuple[int, RejectReason]]
    """Per field the first value that is none of its type: its line, and why."""


def take(app: App, extract: Form, *, name: str, content: bytes) -> Form:
    """The sample as the half-filled task keeps it.

    Raises:
        RequestWrong: it is no such file; says why and where.
    """
    if not content:
        raise RequestWrong("The sample file is empty", to=name, hint="It must have a header row.")
    if len(content) > LARGEST:
        raise RequestWrong(
            f"The sample file is larger than {LARGEST // 1_000_000} MB",
            to=name,
            hint="Cut it: the header and a few rows are enough.",
        )
    _read(app, _contract(extract), name, content)
    head = _beginning(content)
    return {
        "name": name,
        "size": len(content),
        "whole": len(head) == len(content),
        "head": base64.b64encode(head).decode("ascii"),
    }


def look(app: App, extract: Form, sample: Form) -> Looked:
    """The sample's header and first rows as the task reads them now.

    Raises:
        RequestWrong: with what was said of its form, or of its fields, it cannot be read.
    """
    content = base64.b64decode(sample["head"])
    contract = _contract({name: value for name, value in extract.items() if name != "fields"})
    seen = _read(app, contract, sample["name"], content)
    typed = {name: extract["fields"][name] for name in seen.names if name in extract.get("fields", {})}
    if not typed or seen.doubt is not None:
        return seen
    with _file(app, content) as path:
        found = sample_misfits(path, _contract({**extract, "columns": list(seen.names), "fields": typed}))
    return replace(seen, misfits={name: (line, reason) for line, name, reason in found})


def _contract(extract: Form) -> Contract:
    wanted = {"columns", "fields", "dialect", "file_type", "contract"}
    form = {name: value for name, value in extract.items() if name in wanted}
    return extracts.bare({"kind": "s3", "after_import": "keep", **form}).contract


def doubt(app: App, extract: Form, sample: Form) -> RequestWrong | None:
    """Why the first row of a kept sample may name no columns, as *Verify fields* will say, too."""
    return look(app, {name: value for name, value in extract.items() if name != "fields"}, sample).doubt


def _read(app: App, contract: Contract, name: str, content: bytes) -> Looked:
    with _file(app, content) as path:
        try:
            sample = read_sample(path, contract.dialect)
            notes = tuple(map(on_page, sample.notes))
            if sample.doubt is not None:
                doubted = RequestWrong(sample.doubt.what, to=name, hint=sample.doubt.on_page)
                rows = sample_rows(path, contract.dialect, ROWS_SHOWN) if sample.names else ()
                return Looked(names=sample.names, rows=rows, notes=notes, misfits={}, doubt=doubted)
            fields = named_fields(sample.names, to=name, duplicate=contract.policies.duplicate)
            rows = sample_rows(path, contract.dialect, ROWS_SHOWN)
        except RequestWrong as error:
            raise RequestWrong(error.what, to=name, hint=error.hint) from None
    return Looked(names=tuple(field.name for field in fields), rows=rows, notes=notes, misfits={})


def _beginning(content: bytes) -> bytes:
    """Whole lines, in pairs of bytes where the file has two for each letter (it then says so at its beginning)."""
    if len(content) <= KEPT:
        return content
    end = content.rfind(b"\n", 0, KEPT) + 1 or KEPT
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        end += end % 2
    return content[:end]


@contextmanager
def _file(app: App, content: bytes) -> Iterator[Path]:
    """A file of ours under a name of ours, for as long as it is read."""
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        path = Path(folder) / "sample"
        path.write_bytes(content)
        yield path
