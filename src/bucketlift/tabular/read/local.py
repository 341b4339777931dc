"""Reads a local file for a Python program: its rows as a table, its rejects, or the reason why the file is
refused.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, Policy
from bucketlift.model.hold import Hold, Verdict
from bucketlift.model.rows import SOURCE_LINE, Reject
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.staging import open_rejects
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.numbering import numbered
from bucketlift.tabular.read.parts import read_parts
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.sample import SampleHeld, named_columns, read_sample

Location = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The result of reading a file: every record is a row or a reject."""

    rows: pa.Table
    """The rows: the contract's fields, with the contract's names and in its order."""
    lines: pa.ChunkedArray[Any]
    """The line in the file, from 1, on which each row starts."""
    rejects: tuple[Reject, ...]
    """The rejects in file order: line, byte offset, original bytes, reason, and the field, if the reason is
    about one.
    """
    verdict: Verdict | None
    """The position of each field in the file. Its ``notes`` list accepted differences from the contract. None
    if the files of an archive have their columns in different positions.
    """
    blank_lines: int
    notes: tuple[str, ...]


def read_file(
    paths: Sequence[Path], *, named: Path, contract: Contract, max_rejected: int | str | None
) -> Reading:
    """Read the plain parts of one local file; see ``service.projects.local.read_file``. Errors name the file
    as ``named``.

    Raises:
        FileHeld: the whole file is refused.
        RequestWrong: the file cannot be read, or the arguments are not valid.
    """
    limit = RejectLimit.of(max_rejected)
    if SOURCE_LINE in map(fold, contract.names):
        raise RequestWrong(f"A field cannot be named {SOURCE_LINE}", to=str(named), hint="Rename the column.")
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        staged, rejects = Path(folder, "rows.arrow"), Path(folder, "rejects.arrow")
        found = read_parts(
            paths, ReadRequest(contract=contract, staged=staged, rejects=rejects, max_rejected=limit)
        )
        if found.hold is not None:
            raise held(named, found.hold)
        with pa.memory_map(str(staged)) as file, pa.ipc.open_file(file) as whole:
            rows = whole.read_all()
        return Reading(
            rows=rows.drop_columns([SOURCE_LINE]),
            lines=rows.column(SOURCE_LINE),
            rejects=tuple(open_rejects(rejects)) if found.rejected else (),
            verdict=found.verdict,
            blank_lines=found.blank_lines,
            notes=found.notes,
        )


def own_fields(
    path: Path, dialect: Dialect, duplicate: Policy, blank: Policy = Policy.HOLD
) -> tuple[Field, ...] | Hold:
    """The fields of the file's own header. An empty file has no fields; the result is a Hold if the header is
    wrong.
    """
    if path.stat().st_size == 0:
        return ()
    try:
        sample = read_sample(path, dialect)
    except SampleHeld as error:
        return error.hold
    if sample.doubt is not None:
        return Hold(reason=sample.doubt.reason, what=sample.doubt.what, hint=sample.doubt.in_file)
    names = named_columns(sample.names, dialect, blank)
    names = numbered(names) if duplicate is Policy.NUMBER else names
    return tuple(Field(name=name) for name in names)


def held(path: Path, hold: Hold) -> FileHeld:
    return FileHeld(hold.what, to=str(path), hint=hold.hint, reason=hold.reason.value)
