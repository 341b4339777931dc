"""Uploaded sample files. Only the beginning of a file is stored, until the task is saved."""

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
from bucketlift.service.editor.page_words import on_page
from bucketlift.tabular.sample import named_fields, read_sample, sample_misfits, sample_rows

LARGEST = 10_000_000
"""Maximum bytes of an upload. The page uploads only the beginning of a larger file, because no more is used."""
KEPT = 64 * 1024
"""Number of bytes at the beginning of a sample that are stored for *Verify fields*."""
ROWS_SHOWN = 2
Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """The fields and rows of a sample that *Verify fields* shows."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    """Notes about lines of the sample that are skipped or missing."""
    doubt: RequestWrong | None = None
    """Why the first row is perhaps not a header. The task cannot be saved until a setting removes this doubt."""
    misfits: dict[str, tuple[int, RejectReason]]
    """For each field with a value that does not match its type: the line and reason of the first such value."""


def take(app: App, extract: Form, *, name: str, content: bytes) -> Form:
    """Check an uploaded sample. Returns it as it is stored in the unfinished task.

    Raises:
        RequestWrong: the file cannot be a sample; the error gives the reason and the place in the file.
    """
    if not content:
        raise RequestWrong("The sample file is empty", to=name, hint="Choose a file with a header row.")
    if len(content) > LARGEST:
        raise RequestWrong(
            f"The sample file is larger than {LARGEST // 1_000_000} MB",
            to=name,
            hint="Shorten it: the header and a few rows are enough.",
        )
    _read(app, _contract(extract), name, content)
    head = _beginning(content)
    return {
        "name": name,
        "size": len(content),
        "whole": len(head) == len(content),
        "head": base64.b64encode(head).decode("ascii"),
    }


def view(app: App, extract: Form, sample: Form) -> SampleView:
    """The sample's header and first rows, read with the current settings.

    Raises:
        RequestWrong: the sample cannot be read with the format or field settings.
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
    keys = {"columns", "fields", "dialect", "file_type", "contract"}
    form = {name: value for name, value in extract.items() if name in keys}
    return extracts.compiled_alone({"kind": "s3", "after_import": "keep", **form}).contract


def doubt(app: App, extract: Form, sample: Form) -> RequestWrong | None:
    """The error that the first row of a stored sample is perhaps not a header; None if it is a header."""
    return view(app, {name: value for name, value in extract.items() if name != "fields"}, sample).doubt


def _read(app: App, contract: Contract, name: str, content: bytes) -> SampleView:
    with _file(app, content) as path:
        try:
            sample = read_sample(path, contract.dialect)
            notes = tuple(map(on_page, sample.notes))
            if sample.doubt is not None:
                doubted = RequestWrong(sample.doubt.what, to=name, hint=sample.doubt.on_page)
                rows = sample_rows(path, contract.dialect, ROWS_SHOWN) if sample.names else ()
                return SampleView(names=sample.names, rows=rows, notes=notes, misfits={}, doubt=doubted)
            fields = named_fields(sample.names, to=name, duplicate=contract.policies.duplicate)
            rows = sample_rows(path, contract.dialect, ROWS_SHOWN)
        except RequestWrong as error:
            raise RequestWrong(error.what, to=name, hint=error.hint) from None
    return SampleView(names=tuple(field.name for field in fields), rows=rows, notes=notes, misfits={})


def _beginning(content: bytes) -> bytes:
    """The first complete lines. A text in UTF-16, recognised by its byte order mark, is cut between two
    characters.
    """
    if len(content) <= KEPT:
        return content
    end = content.rfind(b"\n", 0, KEPT) + 1 or KEPT
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        end += end % 2
    return content[:end]


@contextmanager
def _file(app: App, content: bytes) -> Iterator[Path]:
    """Write the content to a temporary file, which is deleted when the block ends."""
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        path = Path(folder) / "sample"
        path.write_bytes(content)
        yield path
