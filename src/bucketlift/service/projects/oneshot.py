"""Load a prefix into a table by one command: a workflow made on the spot, so that again means only what is new."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from urllib.parse import urlsplit

from bucketlift.definition.by_hand import as_option, extract_from
from bucketlift.errors import RequestWrong
from bucketlift.model.account import Destination
from bucketlift.model.contract import Field, FileType, Hold
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
from bucketlift.service.destinations.destination_resolver import destination_of, sealed_url, told
from bucketlift.service.projects.formats import Form, fields_of_header, named_in, typed

COUNTED = 100_000
"""Files that are counted by folder before a run; of more, only the first are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What somebody asked for in one command."""

    source: str
    into: str
    table: str
    sample: Path | None = None
    file_type: FileType = FileType.CSV
    form: Form = field(default_factory=dict)
    """How the files are written, and what becomes of those that differ, in the words of a workflow file."""
    max_rejected: RejectLimit = NO_REJECTS
    mode: WriteMode = WriteMode.APPEND
    key: tuple[str, ...] = ()
    account: str | None = None
    after_import: str = "keep"
    several_folders: bool = False
    """Whether files may be deleted in every folder that a prefix without a slash at its end reaches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A workflow that is ready to run, and the folders that its prefix reaches."""

    workflow: Workflow
    reach: Reach
    beside: tuple[str, ...] = ()
    """Titles of other workflows that load the same files into the same table, if this one is new."""


def prepare(app: App, wish: Wish) -> Prepared:
    """Make (or find) the workflow of a wish; its contract is the sample's, else the first file's header.

    Raises:
        RequestWrong: the wish cannot be carried out as it stands.
    """
    bucket, prefix = _place(wish.source)
    account = wish.account or _only_account(app)
    app.ledger.catalog.account(account)
    destination = destination_of(app, wish.into)
    key = _key(account, bucket, prefix, destination.name, wish.table)
    form = {"file_type": wish.file_type.value} | dict(wish.form)
    extract = replace(
        extract_from(form, None, name_of=as_option),
        account=account,
        selection=Selection(bucket=bucket, prefix=prefix),
        max_rejected=wish.max_rejected,
        after_import=_after_import(wish.after_import),
    )
    reach = _reach(app, wish, key, extract)
    known = app.ledger.catalog.workflows().get(key)
    before = None if known is None else known.workflow
    contract = typed(form, _fields(app, wish, key, extract, before), name_of=as_option).contract
    fields = contract.fields
    names = [field.name for field in fields]
    if wish.mode is WriteMode.UPSERT and not wish.key:
        raise RequestWrong("An upsert needs a key", to="--key", hint=f"One or more of: {', '.join(names)}.")
    unknown = [name for name in wish.key if name not in names]
    if unknown:
        raise RequestWrong(
            f"The files have no field {unknown[0]}", to="--key", hint=f"They have: {', '.join(names)}."
        )
    columns = _columns(fields, before)
    workflow = _workflow(key, wish, replace(extract, contract=contract), columns, destination)
    refuse_loops(
        workflow, app.ledger.catalog.all(), lambda name: app.ledger.catalog.account(name).settings.store
    )
    beside = _beside(app, workflow) if known is None else ()
    check_target(workflow.loads[0].target, names, NAMINGS[destination.settings.kind])
    refuse_unreachable(app, [destination])
    destination = sealed_url(app, destination, wish.into)
    app.ledger.catalog.save(destinations=(destination,), workflows=(workflow,), now=app.now())
    return Prepared(workflow=workflow, reach=reach, beside=beside)


def _reach(app: App, wish: Wish, key: str, extract: ExtractTask) -> Reach:
    """The folders that the prefix reaches, by a listing; nothing is listed for a prefix that ends in a slash.

    Raises:
        RequestWrong: files of several folders would be deleted.
    """
    prefix = extract.selection.prefix
    reach = Reach(prefix=prefix)
    if not is_partial(prefix):
        return reach
    deletes = isinstance(extract.after_import, Delete) and not wish.several_folders
    for count, listed in enumerate(app.connections.store(key, extract).find(extract.selection)):
        # A later folder may be the one that must not be touched, so a delete looks on until it finds a second.
        if count >= COUNTED and (reach.is_several or not deletes):
            break
        if unselected(listed, extract) is None:
            reach.add(listed.key)
    if deletes and reach.is_several:
        raise RequestWrong(
            f"The prefix does not end in / and reaches several folders, and their files would be deleted: {reach}",
            to=wish.source,
            hint=f"For one folder, write its whole name with a / at the end (s3://{extract.selection.bucket}/"
            f"{reach.likely}). To load and delete the files of all of them, add --several-folders.",
        )
    return reach


def _beside(app: App, workflow: Workflow) -> tuple[str, ...]:
    """What loads the same files into the same table: each workflow has a memory of its own."""
    accounts = app.ledger.catalog.accounts()

    def store_of(name: str) -> StoreId:
        return accounts[name].settings.store if name in accounts else StoreId(f"account {name}")

    others = app.ledger.catalog.readable()
    return tuple(
        each.title for each in others if same_target(workflow, each) and same_files(workflow, each, store_of)
    )


def _columns(fields: tuple[Field, ...], before: Workflow | None) -> tuple[Column, ...]:
    """A field whose new name was accepted fills the column that it filled before."""
    filled = {} if before is None else {each.field: each.name for each in before.loads[0].target.columns}
    return tuple(
        Column(name=filled.get(each.name, each.name), field=each.name, type=each.value_type)
        for each in fields
    )


def _workflow(
    key: str,
    wish: Wish,
    extract: ExtractTask,
    columns: tuple[Column, ...],
    destination: Destination,
) -> Workflow:
    target = Target(table=wish.table, columns=columns, mode=wish.mode, key=wish.key)
    load = LoadTask(id="table", source=extract.id, destination=destination.name, target=target)
    title = f"{wish.source} into {told(wish.into)}, table {wish.table}"
    # Switched off: nothing triggers it, and no other workflow is to wait for it before it deletes.
    return Workflow(key=key, title=title, project=None, tasks=(extract, load), enabled=False)


def _place(source: str) -> tuple[str, str]:
    parts = urlsplit(source, allow_fragments=False)
    if parts.scheme != "s3" or not parts.netloc:
        raise RequestWrong(
            "This is not an address of objects in S3", to=source, hint="Write it as s3://BUCKET/PREFIX."
        )
    query = f"?{parts.query}" if parts.query else ""
    return parts.netloc, (parts.path + query).removeprefix("/")


def _only_account(app: App) -> str:
    names = list(app.ledger.catalog.accounts())
    if len(names) == 1:
        return names[0]
    if not names:
        raise RequestWrong("There is no account yet", hint="Make one first: bucketlift accounts add --help")
    raise RequestWrong("Say which account to use", hint=f"--account NAME. Known: {', '.join(names)}.")


def _key(*parts: str) -> str:
    return f"load-{hashlib.sha256(chr(10).join(parts).encode()).hexdigest()[:12]}"


def _after_import(word: str) -> Keep | Delete:
    if word == "keep":
        return Keep()
    if word == "delete":
        return Delete()
    raise RequestWrong(
        "This command knows keep and delete only",
        to=f"--after-import {word}",
        hint="For move and rename, write a workflow file: bucketlift init",
    )


def _fields(
    app: App, wish: Wish, key: str, extract: ExtractTask, before: Workflow | None
) -> tuple[Field, ...]:
    named = named_in(wish.form, extract.contract, wish.sample)
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
            "There is no file yet whose header could be the contract",
            to=f"s3://{extract.selection.bucket}/{extract.selection.prefix}",
            hint="Give one with --sample, or wait for the first file.",
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
        with codecs.unpacked(raw, extract, accepted=frozenset(), check_cancelled=_unheeded) as plain:
            if isinstance(plain, Hold):
                raise RequestWrong(plain.what, to=str(source), hint="Give a sample with --sample.")
            return fields_of_header(plain.parts[0], extract.contract, to=str(source))


def _unheeded() -> None:
    """Nobody can cancel this but by ending the command."""
