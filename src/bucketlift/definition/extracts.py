"""Extract tasks: from the file's shape to model values, with the sample read into the contract."""

from __future__ import annotations

from pathlib import Path as FilePath
from typing import assert_never

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.fields import typed_fields
from bucketlift.definition.pgp import pgp
from bucketlift.definition.problems import Path
from bucketlift.definition.tasks import (
    AfterImportShape,
    DeleteShape,
    DialectShape,
    ExtractShape,
    KeepShape,
    MoveShape,
    RenameShape,
)
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, FileType, Policies, Policy
from bucketlift.model.packing import Compression, ZipEntries
from bucketlift.model.source import Selection
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
from bucketlift.tabular.sample import sample_fields, sample_misfits


def extract_task(task_id: str, shape: ExtractShape, path: Path, compiling: Compiling) -> ExtractTask:
    """Where the sample cannot be used the contract has no field, and a problem says why."""
    compiling.installed(shape.account, compiling.accounts.keys(), (*path, "account"), "account")
    return ExtractTask(
        id=task_id,
        account=shape.account,
        selection=Selection(bucket=shape.bucket, prefix=shape.prefix, pattern=shape.pattern),
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
    )


def _contract(shape: ExtractShape, path: Path, compiling: Compiling) -> Contract:
    dialect = _dialect(shape.dialect, FileType(shape.file_type))
    policies = Policies(
        reordered=Policy(shape.contract.reordered),
        respelled=Policy(shape.contract.respelled),
        extra=Policy(shape.contract.extra),
        missing=Policy(shape.contract.missing),
        empty=Policy.HOLD if shape.empty == "hold" else Policy.IGNORE,
    )
    try:
        fields = sample_fields(FilePath(compiling.absolute(shape.sample)), dialect)
    except RequestWrong as error:
        compiling.wrong_as(error, (*path, "sample"))
        return Contract(fields=(), dialect=dialect, policies=policies)
    untold = len(compiling.problems)
    typed = typed_fields(fields, shape.fields, (*path, "fields"), compiling)
    contract = Contract(fields=typed, dialect=dialect, policies=policies)
    if len(compiling.problems) == untold and typed != fields:
        compiling.notes.extend(_misfits(shape.sample, contract, compiling))
    return contract


def _misfits(sample: str, contract: Contract, compiling: Compiling) -> list[str]:
    """A note for each field whose type does not fit the sample: every file may be like it."""
    found = sample_misfits(FilePath(compiling.absolute(sample)), contract)
    return [
        f"line {line} of {sample} would be a reject: {reason} in `{name}`" for line, name, reason in found
    ]


def _dialect(shape: DialectShape, file_type: FileType) -> Dialect:
    return Dialect(
        delimiter=shape.delimiter or Dialect.of(file_type).delimiter,
        quote=None if shape.quote == "none" else shape.quote,
        encoding=shape.encoding,
    )


def _after_import(shape: AfterImportShape) -> AfterImport:
    match shape:
        case KeepShape():
            return Keep()
        case DeleteShape(delay=delay):
            return Delete(delay=delay)
        case MoveShape(bucket=bucket, prefix=prefix, on_collision=word, delay=delay):
            return Move(bucket=bucket, prefix=prefix, on_collision=OnCollision(word), delay=delay)
        case RenameShape(prefix=prefix, on_collision=word, delay=delay):
            return Rename(prefix=prefix, on_collision=OnCollision(word), delay=delay)
        case _:
            assert_never(shape)
