"""A file read as a task of these settings reads it: its rows, or why it is held."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.pgp import Keyring
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.definition.fragments import extract_from
from bucketlift.definition.yaml.problems import dotted
from bucketlift.errors import FileHeld, RequestWrong
from bucketlift.model.contract import Field
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Bounds
from bucketlift.model.workflow import ExtractTask
from bucketlift.tabular.read import local
from bucketlift.tabular.sample import sample_fields

Settings = dict[str, Any]
"""Keys of an extract task, in the words of a workflow file."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    names: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Held:
    """The file, or the sample (its reason is then ``sample``), is refused."""

    reason: str
    hint: str
    what: str = ""


def read(path: Path, settings: Settings, sample: Path | None = None) -> Rows | Held:
    """Without a sample and without ``columns``, the file's own header names the fields."""
    form = {name: value for name, value in settings.items() if name != "columns"}
    names = settings.get("columns")
    task = extract_from(form, names, name_of=dotted)
    with tempfile.TemporaryDirectory() as folder:
        bounds = Allowance.of(path.stat().st_size, Bounds(), max_bytes=None, check_cancelled=lambda: None)
        with unpacked(path, _packing(task), bounds, beside=Path(folder)) as plain:
            if isinstance(plain, Hold):
                return _held(plain)
            if names is None:
                found = _names(task, sample, plain.parts[0])
                if isinstance(found, Held):
                    return found
                task = extract_from(form, found, name_of=dotted) if found else task
            return _read(plain.parts, path, task, plain.notes)


def _packing(task: ExtractTask) -> Packing:
    signed = task.pgp is not None and task.pgp.signed_accepted
    return Packing(
        keyring=(lambda: Keyring(signed_accepted=True)) if signed else None,
        required=False,
        compression=task.compression,
        entries=task.zip,
        archive=task.archive,
    )


def _names(task: ExtractTask, sample: Path | None, plain: Path) -> list[str] | Held:
    dialect, policies = task.contract.dialect, task.contract.policies
    found: Sequence[Field] | Hold
    if sample is None:
        found = local.own_fields(plain, dialect, policies.duplicate, policies.blank)
        if isinstance(found, Hold):
            return _held(found)
    else:
        try:
            found = sample_fields(sample, dialect, policies.duplicate, policies.blank)
        except RequestWrong as error:
            return Held(reason="sample", hint=error.hint or "", what=error.what)
    return [field.name for field in found]


def _read(parts: Sequence[Path], named: Path, task: ExtractTask, notes: tuple[str, ...]) -> Rows | Held:
    try:
        found = local.read_file(parts, named=named, contract=task.contract, max_rejected=0)
    except FileHeld as error:
        return Held(reason=error.reason, hint=error.hint or "", what=error.what)
    rows = tuple(tuple(row.values()) for row in found.rows.to_pylist())
    return Rows(names=tuple(found.rows.column_names), rows=rows, notes=notes + found.notes)


def _held(hold: Hold) -> Held:
    return Held(reason=hold.reason.value, hint=hold.hint, what=hold.what)
