"""Uploaded sample files. Only the beginning of a file is stored, until the task is saved."""

from __future__ import annotations

import base64
import hashlib
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Policy
from bucketlift.model.rows import RejectReason
from bucketlift.service.core.app import App
from bucketlift.service.editor import extracts
from bucketlift.service.editor.page_words import on_page
from bucketlift.service.editor.sample_files import plain_sample
from bucketlift.service.editor.sample_problems import (
    SampleProblem,
    SampleUnreadable,
    UnreadLines,
    problem_of,
    problem_of_doubt,
    unread_lines,
)
from bucketlift.tabular.recognition import recognise
from bucketlift.tabular.sample import (
    CHECKED,
    named_columns,
    named_fields,
    read_sample,
    sample_misfits,
    sample_rejects,
    sample_rows,
)
from bucketlift.tabular.types.suggestions import Suggestion, suggestions_for

LARGEST = 10_000_000
"""Maximum bytes of an upload. The page uploads only the beginning of a larger file, because no more is used."""
ROWS_SHOWN = 2
Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """The fields and rows of a sample that the page shows."""

    names: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    """Notes about lines of the sample that are skipped or missing."""
    doubt: RequestWrong | None = None
    """Why the first row is perhaps not a header. The task cannot be saved until a setting removes this doubt."""
    misfits: dict[str, tuple[int, RejectReason]]
    """For each field with a value that does not match its type: the line and reason of the first such value."""
    header_line: int = 1
    dialect: Dialect = field(default_factory=Dialect)
    problem: SampleProblem | None = None
    """The same problem as ``doubt``, with the settings that solve it."""
    unread: UnreadLines | None = None


def take(app: App, extract: Form, *, name: str, content: bytes, size: int | None = None) -> Form:
    """Check a sample file. Returns it as it is stored in the unfinished task. ``size``: the size of the whole
    file, if ``content`` is only its beginning.

    Raises:
        RequestWrong: the file is no text table; the error says what it is.
    """
    if not content:
        raise RequestWrong("The sample file is empty", to=name, hint="Choose a file with a header row.")
    if len(content) > LARGEST:
        raise RequestWrong(
            f"The sample file is larger than {LARGEST // 1_000_000} MB",
            to=name,
            hint="Shorten it: the header and a few rows are enough.",
        )
    size = max(size or 0, len(content))
    plain = plain_sample(app, extract, name=name, content=content, whole=size == len(content))
    return {
        "name": name,
        "size": size,
        "whole": plain.whole,
        "head": base64.b64encode(plain.head).decode("ascii"),
        "packing": plain.packing,
        "digest": hashlib.sha256(content).hexdigest(),
    }


def is_same(sample: Form | None, content: bytes) -> bool:
    """Whether this file is the stored sample."""
    return sample is not None and sample.get("digest") == hashlib.sha256(content).hexdigest()


def recognised(app: App, extract: Form, sample: Form) -> Form:
    """The task with the format in which the sample can be read. A format that already reads it is kept."""

    def dialect_of(settings: Mapping[str, Any]) -> Dialect:
        return _contract({"file_type": extract.get("file_type", "csv"), "dialect": dict(settings)}).dialect

    with _file(app, base64.b64decode(sample["head"])) as path:
        dialect = recognise(path, extract.get("dialect", {}), dialect_of)
    rest = {name: value for name, value in extract.items() if name != "dialect"}
    return rest | ({"dialect": dialect} if dialect else {})


def view(app: App, extract: Form, sample: Form, *, rows: int = ROWS_SHOWN) -> SampleView:
    """The sample's header and first rows, read with the current settings.

    Raises:
        SampleUnreadable: the sample cannot be read with the format.
        RequestWrong: the sample cannot be read with the field settings.
    """
    content = base64.b64decode(sample["head"])
    contract = _contract({name: value for name, value in extract.items() if name != "fields"})
    seen = _read(app, contract, sample, content, rows)
    typed = {name: extract["fields"][name] for name in seen.names if name in extract.get("fields", {})}
    if not typed or seen.doubt is not None:
        return seen
    with _file(app, content) as path:
        found = sample_misfits(path, _contract({**extract, "columns": list(seen.names), "fields": typed}))
    return replace(seen, misfits={name: (line, reason) for line, name, reason in found})


def suggestions(app: App, extract: Form, sample: Form) -> dict[str, tuple[Suggestion, ...]]:
    """For each field that is text, the types that read all of its values in the sample."""
    untyped = {name: value for name, value in extract.items() if name != "fields"}
    try:
        seen = view(app, untyped, sample, rows=CHECKED)
    except RequestWrong:
        return {}
    texts = [
        (at, name)
        for at, name in enumerate(seen.names)
        if "type" not in extract.get("fields", {}).get(name, {})
    ]
    found = {name: suggestions_for([row[at] for row in seen.rows]) for at, name in texts}
    return {name: each for name, each in found.items() if each}


def _contract(extract: Form) -> Contract:
    keys = {"columns", "fields", "dialect", "file_type", "contract"}
    form = {name: value for name, value in extract.items() if name in keys}
    return extracts.compiled_alone({"kind": "s3", "after_import": "keep", **form}).contract


def _read(app: App, contract: Contract, sample: Form, content: bytes, count: int) -> SampleView:
    with _file(app, content) as path:
        try:
            return _seen(path, contract, sample, count)
        except RequestWrong as error:
            raise SampleUnreadable(problem_of(error), to=sample["name"]) from None


def _seen(path: Path, contract: Contract, sample: Form, count: int) -> SampleView:
    dialect, name = contract.dialect, sample["name"]
    found = read_sample(path, dialect)
    notes = tuple(map(on_page, found.notes))
    rows = sample_rows(path, dialect, count) if found.names else ()
    seen = SampleView(
        names=found.names,
        rows=rows,
        notes=notes,
        misfits={},
        header_line=found.line,
        dialect=dialect,
    )
    if found.doubt is not None:
        problem = problem_of_doubt(found.doubt)
        doubted = RequestWrong(problem.what, to=name, hint=problem.hint)
        return replace(seen, doubt=doubted, problem=problem)
    rejects = sample_rejects(path, dialect, blank=contract.policies.blank, whole=sample.get("whole", True))
    named = _named(seen, contract, contract.policies.duplicate, name)
    return replace(named, unread=unread_lines(rejects, contract, len(found.names)))


def _named(seen: SampleView, contract: Contract, duplicate: Policy, name: str) -> SampleView:
    """The sample without the columns that have no name, if the policy leaves them out."""
    names = named_columns(seen.names, contract.dialect, contract.policies.blank)
    fields = named_fields(names, to=name, duplicate=duplicate)
    kept = [at for at, each in enumerate(seen.names) if len(names) == len(seen.names) or each.strip()]
    return replace(
        seen,
        names=tuple(field.name for field in fields),
        rows=tuple(tuple(row[at] for at in kept) for row in seen.rows),
    )


@contextmanager
def _file(app: App, content: bytes) -> Iterator[Path]:
    """Write the content to a temporary file, which is deleted when the block ends."""
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        path = Path(folder) / "sample"
        path.write_bytes(content)
        yield path
