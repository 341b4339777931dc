"""A local file read by a Python program: its rows as a table, its rejects, or why it is refused."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Hold, Verdict
from bucketlift.model.rows import SOURCE_LINE, Reject
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular import reading
from bucketlift.tabular.encoding import hold_unless_utf8
from bucketlift.tabular.header import fold, read_header
from bucketlift.tabular.mapped import mapped
from bucketlift.tabular.marks import Marks
from bucketlift.tabular.sample import sample_fields
from bucketlift.tabular.staging import open_rejects

Location = str | os.PathLike[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a file came to: every record of it is a row or a reject."""

    rows: pa.Table
    """The contract's fields, in its names and its order."""
    lines: pa.ChunkedArray[Any]
    """For each row the line of the file, from 1, on which it begins."""
    rejects: tuple[Reject, ...]
    """In the file's order: line, byte offset, original bytes, reason, and the field if it is about one."""
    verdict: Verdict
    """Where the file has each field, and in ``notes`` what differs from the contract and was accepted."""
    blank_lines: int
    notes: tuple[str, ...]


def read_file(
    path: Path,
    *,
    named: Path,
    contract: Contract | None,
    sample: Location | None,
    file_type: str,
    max_rejected: int | str | None,
) -> Reading:
    """See ``service.local.read_file``. ``path`` is plain; errors call it as the other name says.

    Raises:
        FileHeld, RequestWrong: see there.
    """
    limit = RejectLimit.of(max_rejected)
    wanted = _contract(path, named, contract, sample, file_type)
    if isinstance(wanted, Hold):
        raise _held(named, wanted)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        staged, rejects = Path(folder, "rows.arrow"), Path(folder, "rejects.arrow")
        found = reading.read_file(path, contract=wanted, staged=staged, rejects=rejects, max_rejected=limit)
        if found.hold is not None:
            raise _held(named, found.hold)
        assert found.verdict is not None  # noqa: S101 - a file that is not held met its contract
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


def _contract(
    path: Path, named: Path, contract: Contract | None, sample: Location | None, file_type: str
) -> Contract | Hold:
    if contract is not None and sample is not None:
        raise RequestWrong("There are a contract and a sample", hint="Give one of them.")
    if contract is None:
        dialect = Dialect.of(_file_type(file_type))
        fields = _own_fields(path, dialect) if sample is None else sample_fields(Path(sample), dialect)
        if isinstance(fields, Hold):
            return fields
        contract = Contract(fields=fields, dialect=dialect)
    if SOURCE_LINE in map(fold, contract.names):
        raise RequestWrong(f"A field cannot be named {SOURCE_LINE}", to=str(named), hint="Rename the column.")
    return contract


def _file_type(word: str) -> FileType:
    if word not in list(FileType):
        raise RequestWrong("There is no such file type", to=word, hint="Use csv or tsv.")
    return FileType(word)


def _own_fields(path: Path, dialect: Dialect) -> tuple[Field, ...] | Hold:
    """Those of the file's header, to the letter; that a file is empty the reader says."""
    if path.stat().st_size == 0:
        return ()
    hold = hold_unless_utf8(path)
    if hold is not None:
        return hold
    with mapped(path) as data:
        header = read_header(data, Marks.of(dialect))
    return header if isinstance(header, Hold) else tuple(Field(name=name) for name in header.names)


def _held(path: Path, hold: Hold) -> FileHeld:
    return FileHeld(hold.what, to=str(path), hint=hold.hint, reason=hold.reason.value)
