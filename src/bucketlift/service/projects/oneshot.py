"""Loads a prefix into a table with one command. The command creates a workflow, so that its next run loads
only new files.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from bucketlift.definition.fragments import extract_from
from bucketlift.errors import RequestWrong
from bucketlift.model.account import Destination, DirectoryDestination
from bucketlift.model.contract import Field, FileType
from bucketlift.model.hold import Hold
from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.model.source import Selection, SourceObject, StoreId
from bucketlift.model.workflow import (
    NO_REJECTS,
    Delete,
    ExtractTask,
    Keep,
    LoadTask,
    RejectLimit,
    Workflow,
)
from bucketlift.rules.decision import unselected
from bucketlift.rules.loops import refuse_loops
from bucketlift.rules.naming import is_marker, is_ours
from bucketlift.rules.reach import Reach, is_partial
from bucketlift.rules.renames import same_files, same_target
from bucketlift.rules.targets import NAMINGS, check_target
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import refuse_unreachable
from bucketlift.service.destinations.destination_resolver import destination_of, sealed_url, shown_destination
from bucketlift.service.projects.formats import Form, fields_of_header, named_in, option_name, typed

COUNTED = 100_000
"""Maximum number of files that are counted by folder before a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadRequest:
    """The options of the command that loads a prefix."""

    source: str
    into: str
    table: str
    sample: Path | None = None
    file_type: FileType = FileType.CSV
    form: Form = field(default_factory=dict)
    """The file format and policies, under the keys of a workflow file."""
    max_rejected: RejectLimit = NO_REJECTS
    mode: WriteMode = WriteMode.APPEND
    key: tuple[str, ...] = ()
    account: str | None = None
    after_import: str = "keep"
    several_folders: bool = False
    """Whether files may be deleted in all folders that match a prefix without a final slash."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A workflow that is ready to run, and the folders that its prefix matches."""

    workflow: Workflow
    reach: Reach
    duplicates: tuple[str, ...] = ()
    """For a new workflow: titles of other workflows that load the same files into the same table."""


def prepare(app: App, request: LoadRequest) -> Prepared:
    """Create or update the workflow of a request. Its contract comes from the sample, or from the header of
    the first file.

    Raises:
        RequestWrong: the request is not valid.
    """
    bucket, prefix = _place(request.source)
    account = request.account or _only_account(app)
    app.ledger.catalog.account(account)
    destination = destination_of(app, request.into)
    key = _key(account, bucket, prefix, destination.name, request.table)
    form = {"file_type": request.file_type.value} | dict(request.form)
    extract = replace(
        extract_from(form, None, name_of=option_name),
        account=account,
        selection=Selection(bucket=bucket, prefix=prefix),
        max_rejected=request.max_rejected,
        after_import=_after_import(request.after_import),
    )
    reach = _reach(app, request, key, extract)
    known = app.ledger.catalog.workflows().get(key)
    before = None if known is None else known.workflow
    contract = typed(form, _fields(app, request, key, extract, before), name_of=option_name).contract
    fields = contract.fields
    names = [field.name for field in fields]
    if request.mode is WriteMode.UPSERT and not request.key:
        raise RequestWrong(
            "An upsert needs a key", to="--key", hint=f"Use one or more of: {', '.join(names)}."
        )
    unknown = [name for name in request.key if name not in names]
    if unknown:
        raise RequestWrong(
            f"The files have no field {unknown[0]}", to="--key", hint=f"They have: {', '.join(names)}."
        )
    columns = _columns(fields, before)
    workflow = _workflow(key, request, replace(extract, contract=contract), columns, destination)
    refuse_loops(
        workflow, app.ledger.catalog.all(), lambda name: app.ledger.catalog.account(name).settings.store
    )
    duplicates = _duplicates(app, workflow) if known is None else ()
    if isinstance(destination.settings, DirectoryDestination):
        raise RequestWrong(
            "A directory has no tables",
            to=destination.name,
            hint="Load people with a workflow file: load_contacts or load_employees. Or name a database.",
        )
    if destination.settings.kind not in NAMINGS:
        raise RequestWrong(
            f"A destination of kind {destination.settings.kind} has no tables",
            to=destination.name,
            hint="Send rows to it with a workflow file. Or name a database.",
        )
    check_target(workflow.loads[0].target, names, NAMINGS[destination.settings.kind])
    refuse_unreachable(app, [destination])
    destination = sealed_url(app, destination, request.into)
    app.ledger.catalog.save(destinations=(destination,), workflows=(workflow,), now=app.now())
    return Prepared(workflow=workflow, reach=reach, duplicates=duplicates)


def _reach(app: App, request: LoadRequest, key: str, extract: ExtractTask) -> Reach:
    """The folders that the prefix matches. For a prefix with a final slash, nothing is listed.

    Raises:
        RequestWrong: files of several folders would be deleted.
    """
    prefix = extract.selection.prefix
    reach = Reach(prefix=prefix)
    if not is_partial(prefix):
        return reach
    deletes = isinstance(extract.after_import, Delete) and not request.several_folders
    for count, listed in enumerate(app.connections.store(key, extract).find(extract.selection)):
        # If files are deleted, list until a second folder is found: a later folder must not be touched by mistake.
        if count >= COUNTED and (reach.is_several or not deletes):
            break
        if unselected(listed, extract) is None:
            reach.add(listed.key)
    if deletes and reach.is_several:
        raise RequestWrong(
            f"The prefix does not end with / and matches several folders, whose files would be deleted: {reach}",
            to=request.source,
            hint=f"For one folder, write its full name with a / at the end (s3://{extract.selection.bucket}/"
            f"{reach.likely}). To load and delete the files of all of them, add --several-folders.",
        )
    return reach


def _duplicates(app: App, workflow: Workflow) -> tuple[str, ...]:
    """Titles of other workflows that load the same files into the same table. Each workflow loads a file
    once, so its rows would be doubled.
    """
    accounts = app.ledger.catalog.accounts()

    def store_of(name: str) -> StoreId:
        return accounts[name].settings.store if name in accounts else StoreId(f"account {name}")

    others = app.ledger.catalog.readable()
    return tuple(
        each.title for each in others if same_target(workflow, each) and same_files(workflow, each, store_of)
    )


def _columns(fields: tuple[Field, ...], before: Workflow | None) -> tuple[Column, ...]:
    """The columns of the table. A field with a new name that was accepted keeps its former column."""
    filled = {} if before is None else {each.field: each.name for each in before.loads[0].target.columns}
    return tuple(
        Column(name=filled.get(each.name, each.name), field=each.name, type=each.value_type)
        for each in fields
    )


def _workflow(
    key: str,
    request: LoadRequest,
    extract: ExtractTask,
    columns: tuple[Column, ...],
    destination: Destination,
) -> Workflow:
    target = Target(table=request.table, columns=columns, mode=request.mode, key=request.key)
    load = LoadTask(id="table", source=extract.id, destination=destination.name, target=target)
    title = f"{request.source} into {shown_destination(request.into)}, table {request.table}"
    # Disabled: it has no trigger, and other workflows need not wait for it before they delete files.
    return Workflow(key=key, title=title, project=None, tasks=(extract, load), enabled=False)


def _place(source: str) -> tuple[str, str]:
    parts = urlsplit(source, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise RequestWrong("This is not an S3 URL", to=source, hint="Use s3://BUCKET/PREFIX.")
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc, (parts.path + query).removeprefix("/")


def _only_account(app: App) -> str:
    names = list(app.ledger.catalog.accounts())
    if len(names) == 1:
        return names[0]
    if not names:
        raise RequestWrong(
            "There is no account yet", hint="Add an account first: bucketlift accounts add --help"
        )
    raise RequestWrong(
        "There are several accounts", hint=f"Choose one with --account NAME: {', '.join(names)}."
    )


def _key(*parts: str) -> str:
    return f"load-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:12]}"


def _after_import(word: str) -> Keep | Delete:
    if word == "keep":
        return Keep()
    if word == "delete":
        return Delete()
    raise RequestWrong(
        "This command supports only keep and delete",
        to=f"--after-import {word}",
        hint="For move and rename, write a workflow file: bucketlift init",
    )


def _fields(
    app: App, request: LoadRequest, key: str, extract: ExtractTask, before: Workflow | None
) -> tuple[Field, ...]:
    named = named_in(request.form, extract.contract, request.sample)
    if named is not None:
        return named
    known = None if before is None else before.extracts[0].contract
    if known is not None and known.dialect == extract.contract.dialect:
        return known.fields
    return _header_of_first(app, key, extract)


def _header_of_first(app: App, key: str, extract: ExtractTask) -> tuple[Field, ...]:
    store = app.connections.store(key, extract)
    listing = (
        each
        for each in store.find(extract.selection)
        if not is_marker(each.key, each.size) and not is_ours(each.key) and each.size
    )
    first = next(islice(listing, 1), None)
    if first is None:
        raise RequestWrong(
            "There is no file yet to take the header from",
            to=f"s3://{extract.selection.bucket}/{extract.selection.prefix}",
            hint="Pass a sample with --sample, or wait for the first file.",
        )
    source = SourceObject(
        store=store.store,
        bucket=extract.selection.bucket,
        key=first.key,
        etag=first.etag,
        size=first.size,
        occurrence=1,
    )
    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder, store.open(source) as body:
        raw = Path(folder) / "object"
        with raw.open("wb") as file:
            shutil.copyfileobj(body, file, 1 << 20)
        codecs = app.services(Path(folder) / "spool", no_progress).codecs
        with codecs.unpacked(raw, extract, accepted=frozenset(), check_cancelled=_not_cancelled) as plain:
            if isinstance(plain, Hold):
                raise RequestWrong(plain.what, to=str(source), hint="Pass a sample with --sample.")
            return fields_of_header(plain.parts[0], extract.contract, to=str(source))


def _not_cancelled() -> None:
    """Do nothing: reading the first file cannot be cancelled."""
