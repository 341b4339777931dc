"""Extract tasks: from the file's shape to model values, with the sample read into the contract."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath
from typing import assert_never

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.contracts import check_headless, dialect_of, null_words, policies_of
from bucketlift.definition.fields import typed_fields
from bucketlift.definition.pgp import pgp
from bucketlift.definition.problems import Path
from bucketlift.definition.tasks import (
    AfterImportShape,
    DeleteShape,
    ExtractShape,
    KeepShape,
    MoveShape,
    RenameShape,
)
from bucketlift.errors import RequestWrong
from bucketlift.model.account import S3Compatible
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Policy
from bucketlift.model.packing import Archive, Compression, ZipEntries
from bucketlift.model.source import Restore, RestoreTier, Selection
from bucketlift.model.workflow import (
    AfterImport,
    Delete,
    ExtractTask,
    Keep,
    Move,
    OnCollision,
    Order,
    Rename,
    Repeats,
)
from bucketlift.rules.bucket_names import names_bucket
from bucketlift.tabular.sample import named_fields, read_sample, sample_misfits


def extract_task(task_id: str, shape: ExtractShape, path: Path, compiling: Compiling) -> ExtractTask:
    """Where the sample cannot be used the contract has no field, and a problem says why."""
    compiling.installed(shape.account, compiling.accounts.keys(), (*path, "account"), "account")
    return ExtractTask(
        id=task_id,
        account=shape.account,
        selection=_selection(shape, path, compiling),
        contract=_contract(shape, path, compiling),
        after_import=_after_import(shape.after_import),
        file_type=FileType(shape.file_type),
        start=shape.start,
        order=Order(shape.order),
        max_rejected=shape.max_rejected,
        max_bytes=shape.max_bytes,
        repeats=None if shape.repeats is None else Repeats(shape.repeats),
        pgp=None if shape.pgp is None else pgp(shape.pgp, (*path, "pgp"), compiling),
        compression=Compression(shape.compression),
        zip=ZipEntries(shape.zip),
        archive=_archive(shape, (*path, "archive"), compiling),
    )


def _archive(shape: ExtractShape, path: Path, compiling: Compiling) -> Archive | None:
    if shape.archive is None:
        return None
    if shape.compression == "none":
        compiling.wrong(
            "`archive` does not go with `compression: none`, which unpacks nothing",
            path,
            "Leave `compression` out: zip and tar are recognised.",
        )
    patterns = [("entries", shape.archive.entries), *(("ignore", each) for each in shape.archive.ignore)]
    for key, pattern in patterns:
        if not pattern or pattern.startswith("/"):
            compiling.wrong(
                f"`archive: {key}` has a pattern that matches no file: {pattern!r}",
                (*path, key),
                'Names in an archive begin without a slash: "data/*.csv".',
            )
    return Archive(entries=shape.archive.entries, ignore=tuple(shape.archive.ignore))


def _selection(shape: ExtractShape, path: Path, compiling: Compiling) -> Selection:
    account = compiling.accounts.get(shape.account)
    if isinstance(account, S3Compatible) and names_bucket(account.endpoint_url, shape.bucket):
        compiling.wrong(
            f"the endpoint of account `{shape.account}` names the bucket `{shape.bucket}` already",
            (*path, "bucket"),
            "Leave the bucket out of endpoint_url: it is added to each call.",
        )
    return Selection(
        bucket=shape.bucket,
        prefix=shape.prefix,
        pattern=shape.pattern,
        requester_pays=shape.requester_pays,
        restore=None
        if shape.restore is None
        else Restore(days=shape.restore.days, tier=RestoreTier(shape.restore.tier)),
    )


def _contract(shape: ExtractShape, path: Path, compiling: Compiling) -> Contract:
    untold = len(compiling.problems)
    empty = Policy.HOLD if shape.empty == "hold" else Policy.IGNORE
    bare = Contract(
        fields=(),
        dialect=dialect_of(shape.dialect, FileType(shape.file_type), (*path, "dialect"), compiling),
        policies=policies_of(shape.contract, empty=empty),
    )
    fields = _fields(shape, bare.dialect, path, compiling) if len(compiling.problems) == untold else None
    if fields is None:
        return bare
    nulls = null_words(shape.dialect)
    typed = typed_fields(fields, shape.fields, nulls, (*path, "fields"), compiling)
    contract = replace(bare, fields=typed)
    check_headless(contract, (*path, "dialect"), compiling)
    if len(compiling.problems) == untold and typed != fields and shape.sample is not None:
        compiling.notes.extend(_misfits(shape.sample, contract, compiling))
    return contract


def _fields(
    shape: ExtractShape, dialect: Dialect, path: Path, compiling: Compiling
) -> tuple[Field, ...] | None:
    """Those of the sample, or of the list that stands in its place; None where a problem says why not."""
    if shape.columns is not None and shape.sample is not None:
        compiling.wrong("`columns` does not go with `sample`", (*path, "columns"), "Leave one of them out.")
        return None
    if shape.columns is None and shape.sample is None:
        compiling.wrong(
            "`sample` is missing", path, "It has no default; columns: [ID, Name] can stand for it."
        )
        return None
    try:
        duplicate = Policy(shape.contract.duplicate)
        if shape.columns is not None:
            return named_fields(shape.columns, to="columns", duplicate=duplicate)
        return _fields_of_sample(shape.sample or "", dialect, duplicate, path, compiling)
    except RequestWrong as error:
        compiling.wrong_as(error, (*path, "sample" if shape.columns is None else "columns"))
        return None


def _fields_of_sample(
    sample: str, dialect: Dialect, duplicate: Policy, path: Path, compiling: Compiling
) -> tuple[Field, ...] | None:
    """A header that looks like data is refused, unless the task was applied with these very names before."""
    found = read_sample(FilePath(compiling.absolute(sample)), dialect)
    doubt = found.doubt
    if doubt is not None and found.names != compiling.applied_names(path):
        compiling.wrong(f"{doubt.what}: {sample}", (*path, "sample"), doubt.in_file)
        return None
    compiling.notes.extend(f"{sample}: {note}" for note in found.notes)
    return named_fields(found.names, to=compiling.absolute(sample), duplicate=duplicate)


def _misfits(sample: str, contract: Contract, compiling: Compiling) -> list[str]:
    """A note for each field whose type does not fit the sample: every file may be like it."""
    found = sample_misfits(FilePath(compiling.absolute(sample)), contract)
    return [
        f"line {line} of {sample} would be a reject: {reason} in `{name}`" for line, name, reason in found
    ]


def _after_import(shape: AfterImportShape) -> AfterImport:
    match shape:
        case KeepShape():
            return Keep()
        case DeleteShape(delay=delay):
            return Delete(delay=delay)
        case MoveShape():
            return Move(
                bucket=shape.bucket,
                prefix=shape.prefix,
                on_collision=OnCollision(shape.on_collision),
                delay=shape.delay,
                storage_class=shape.storage_class,
            )
        case RenameShape():
            return Rename(
                prefix=shape.prefix,
                on_collision=OnCollision(shape.on_collision),
                delay=shape.delay,
                storage_class=shape.storage_class,
            )
        case _:
            assert_never(shape)
