"""Checks whether local files would be loaded. Needs no installation and no network."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.mail_text import RecordForm
from bucketlift.codecs.pgp import Keyring, Opener
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.definition.compile.definition import read_definition
from bucketlift.definition.fragments import extract_from
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Archive, Bounds, Compression, Unpacked, ZipEntries
from bucketlift.model.rows import Reading, Reject
from bucketlift.model.transforms.row_checks import NO_CHECKS, RowChecks
from bucketlift.model.workflow import NO_REJECTS, ExtractTask, RejectLimit, Workflow
from bucketlift.rules.transforms.fields import checks_of
from bucketlift.service.projects.formats import Form, fields_of_header, named_in, option_name, typed
from bucketlift.service.projects.local import not_cancelled, refuse_unreadable
from bucketlift.tabular.arrow.staging import open_rejects
from bucketlift.tabular.read.parts import read_parts
from bucketlift.tabular.read.request import ReadRequest

SHOWN = 10
"""Maximum number of rejects of a file that are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the files of a task must be like: the contract, the reject limit and the settings for encrypted
    files.
    """

    contract: Contract
    limit: RejectLimit = NO_REJECTS
    checks: RowChecks = NO_CHECKS
    compression: Compression = Compression.AUTO
    entries: ZipEntries = ZipEntries.ONE
    archive: Archive | None = None
    openers: tuple[Opener, ...] = ()
    """The keys that can decrypt the files."""
    signed_accepted: bool = False
    """Whether to read files that are signed with PGP but not encrypted."""
    required: bool | None = None
    """Whether to refuse files that are not encrypted. None: no task defines this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The result of reading a file, and the first of its rejects."""

    path: Path
    reading: Reading
    rejects: tuple[Reject, ...]


def terms_of_form(form: Form, *, sample: Path | None, first: Path, openers: tuple[Opener, ...] = ()) -> Terms:
    """The terms given by the options of a command. Without a sample, the header of the first file gives the
    fields.

    Raises:
        RequestWrong: an option is wrong, or the sample or the first file has no usable header.
    """
    asked = extract_from(form, None, name_of=option_name)
    terms = Terms(
        contract=asked.contract,
        compression=asked.compression,
        entries=asked.zip,
        archive=asked.archive,
        openers=openers,
    )
    fields = named_in(form, asked.contract, sample)
    if fields is None:
        fields = _own_fields(first, terms)
    return replace(terms, contract=typed(form, fields, name_of=option_name).contract)


def _own_fields(path: Path, terms: Terms) -> tuple[Field, ...]:
    refuse_unreadable(path)
    with (
        tempfile.TemporaryDirectory(prefix="bucketlift-") as folder,
        _unpacked(path, terms, Path(folder)) as plain,
    ):
        if isinstance(plain, Hold):
            raise RequestWrong(plain.what, to=str(path), hint=plain.hint)
        return fields_of_header(plain.parts[0], terms.contract, to=str(path))


def terms_of_task(file: Path, workflow: str, task: str | None) -> Terms:
    """The terms of an extract task. ``task`` may be None if the workflow has only one extract task.

    Raises:
        RequestWrong: the workflow file is not valid, or has no such workflow or task.
    """
    found = {each.key: each for each in read_definition(file).workflows}
    if workflow not in found:
        raise RequestWrong(f"{file} has no workflow {workflow}", hint=f"It has: {', '.join(found)}.")
    return terms_of(found[workflow], extract_of(found[workflow], task))


def terms_of(workflow: Workflow, extract: ExtractTask, openers: tuple[Opener, ...] = ()) -> Terms:
    """The terms of an extract task of a workflow."""
    return Terms(
        contract=extract.contract,
        limit=extract.max_rejected,
        checks=checks_of(workflow, extract.id),
        compression=extract.compression,
        entries=extract.zip,
        archive=extract.archive,
        openers=openers,
        signed_accepted=extract.pgp is not None and extract.pgp.signed_accepted,
        required=extract.pgp is not None and extract.pgp.required,
    )


def extract_of(workflow: Workflow, task: str | None) -> ExtractTask:
    """The extract task with this ID. ``task`` may be None if the workflow has only one extract task.

    Raises:
        RequestWrong: there is no such task, or there are several.
    """
    found = [each for each in workflow.extracts if task in (None, each.id)]
    if len(found) == 1:
        return found[0]
    names = ", ".join(each.id for each in workflow.extracts)
    what = (
        f"Workflow {workflow.key} has no extract task {task}" if task else "There are several extract tasks"
    )
    raise RequestWrong(what, to="--task", hint=f"Choose one of: {names}.")


def with_limit(terms: Terms, limit: str | None) -> Terms:
    """The terms with the reject limit ``limit``; unchanged if it is None.

    Raises:
        RequestWrong: the limit is not valid.
    """
    return terms if limit is None else replace(terms, limit=RejectLimit.of(limit))


def check(paths: Sequence[Path], terms: Terms) -> list[Checked]:
    """Read every file in the same way as a run.

    Raises:
        RequestWrong: a file cannot be opened; then no file is read.
    """
    for path in paths:
        refuse_unreadable(path)
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        return [_checked(path, terms, Path(folder)) for path in paths]


def _checked(path: Path, terms: Terms, folder: Path) -> Checked:
    rejects = folder / "rejects.arrow"
    with _unpacked(path, terms, folder) as plain:
        if isinstance(plain, Hold):
            return Checked(path=path, reading=Reading(hold=plain), rejects=())
        reading = read_parts(
            plain.parts,
            ReadRequest(
                contract=terms.contract,
                staged=folder / "rows.arrow",
                rejects=rejects,
                max_rejected=terms.limit,
                checks=terms.checks,
            ),
        )
    reading = replace(reading, notes=plain.notes + reading.notes)
    shown = tuple(islice(open_rejects(rejects), SHOWN)) if reading.rejected else ()
    return Checked(path=path, reading=reading, rejects=shown)


def _unpacked(path: Path, terms: Terms, folder: Path) -> AbstractContextManager[Unpacked | Hold]:
    bounds = Allowance.of(path.stat().st_size, Bounds(), max_bytes=None, check_cancelled=not_cancelled)
    packing = Packing(
        keyring=(lambda: Keyring(openers=terms.openers, signed_accepted=terms.signed_accepted))
        if terms.openers or terms.signed_accepted
        else None,
        required=terms.required or False,
        in_mail=terms.required is None and bool(terms.openers),
        form=RecordForm.of(terms.contract),
        compression=terms.compression,
        entries=terms.entries,
        archive=terms.archive,
    )
    return unpacked(path, packing, bounds, beside=folder)
