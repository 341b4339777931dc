"""Compiles extract tasks: makes the contract from the sample, and looks up the names to which the task
refers.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path as FilePath

from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.field_types import typed_fields
from bucketlift.definition.yaml.problems import Path
from bucketlift.errors import RequestWrong
from bucketlift.model.account import S3Compatible, store_kind
from bucketlift.model.contract import Contract, Dialect, Field, Policies
from bucketlift.model.pgp import KeyKind
from bucketlift.model.source import Selection
from bucketlift.model.workflow import ExtractTask
from bucketlift.rules.bucket_names import names_bucket
from bucketlift.schema.contracts import null_words, plain_dialect
from bucketlift.schema.tasks import ExtractShape
from bucketlift.tabular.bytes.dialect_settings import contradictions
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.sample import named_columns, named_fields, read_sample, sample_misfits

_UNCHANGED = (
    *("account", "after_import", "file_type", "start", "order", "max_rejected", "max_bytes", "repeats"),
    *("pgp", "compression", "zip", "archive"),
)


def extract_task(task_id: str, shape: ExtractShape, path: Path, compilation: Compilation) -> ExtractTask:
    """Compile an extract task. If its sample cannot be used, the contract has no fields, and a problem gives
    the reason.
    """
    compilation.check_installed(shape.account, compilation.accounts.keys(), (*path, "account"), "account")
    _check_kind(shape, path, compilation)
    _check_bucket(shape, path, compilation)
    contract = _contract(shape, path, compilation)
    _check_keys(shape, (*path, "pgp"), compilation)
    return ExtractTask(
        id=task_id,
        selection=Selection(**{"bucket": "", **shape.values_for(Selection)}),
        contract=contract,
        **{key: getattr(shape, key) for key in _UNCHANGED},
    )


def _check_kind(shape: ExtractShape, path: Path, compilation: Compilation) -> None:
    account = compilation.accounts.get(shape.account)
    kind = None if account is None else store_kind(account)
    if kind is not None and kind != shape.kind:
        compilation.add_problem(
            f"account `{shape.account}` is of kind `{account.kind}`, but the extract is of kind `{shape.kind}`",  # type: ignore[union-attr] # known above
            (*path, "kind"),
            f"Write kind: {kind}, or name another account.",
        )


def _check_bucket(shape: ExtractShape, path: Path, compilation: Compilation) -> None:
    account = compilation.accounts.get(shape.account)
    if (
        isinstance(account, S3Compatible)
        and shape.bucket
        and names_bucket(account.endpoint_url, shape.bucket)
    ):
        compilation.add_problem(
            f"the endpoint of account `{shape.account}` names the bucket `{shape.bucket}` already",
            (*path, "bucket"),
            "Leave the bucket out of endpoint_url: it is added to each call.",
        )


def _check_keys(shape: ExtractShape, path: Path, compilation: Compilation) -> None:
    if shape.pgp is None:
        return
    for word, names, kind in (
        ("keys", shape.pgp.keys, KeyKind.DECRYPT),
        ("signers", shape.pgp.signers, KeyKind.SIGNER),
    ):
        known = {name for name, each in compilation.keys.items() if each is kind}
        for position, name in enumerate(names):
            compilation.check_installed(name, known, (*path, word, position), f"PGP key ({kind.value})")


def _contract(shape: ExtractShape, path: Path, compilation: Compilation) -> Contract:
    problems_before = len(compilation.problems)
    bare = Contract(
        fields=(),
        dialect=_dialect(shape, (*path, "dialect"), compilation),
        policies=replace(shape.contract, empty=shape.empty),
    )
    fields = (
        _fields(shape, bare.dialect, path, compilation)
        if len(compilation.problems) == problems_before
        else None
    )
    if fields is None:
        return bare
    typed = typed_fields(fields, shape.fields, null_words(shape.dialect), (*path, "fields"), compilation)
    contract = replace(bare, fields=typed)
    _check_headless(contract, (*path, "dialect"), compilation)
    if len(compilation.problems) == problems_before and typed != fields and shape.sample is not None:
        compilation.notes.extend(_misfits(shape.sample, contract, compilation))
    return contract


def _dialect(shape: ExtractShape, path: Path, compilation: Compilation) -> Dialect:
    """The dialect of the task. If its delimiter, quote or escape conflict, a problem is added."""
    dialect = plain_dialect(shape.dialect, shape.file_type)
    try:
        Marks.of(dialect)
    except RequestWrong as error:
        compilation.add_error(error, path)
    for key, what, hint in contradictions(dialect):
        compilation.add_problem(what, (*path, key), hint)
    return dialect


def _check_headless(contract: Contract, path: Path, compilation: Compilation) -> None:
    dialect = contract.dialect
    if not dialect.header and dialect.skip_lines and len(contract.fields) == 1:
        compilation.add_problem(
            "`skip_lines` cannot be used with `header: false` in files of one column",
            (*path, "skip_lines"),
            "Any line could be a record: ask the sender for a header row.",
        )


def _fields(
    shape: ExtractShape, dialect: Dialect, path: Path, compilation: Compilation
) -> tuple[Field, ...] | None:
    """The fields of the sample, or of the list that is given in place of a sample; None if a problem gives
    the reason.
    """
    if shape.columns is not None and shape.sample is not None:
        compilation.add_problem(
            "`columns` and `sample` cannot be used together", (*path, "columns"), "Leave one of them out."
        )
        return None
    if shape.columns is None and shape.sample is None:
        compilation.add_problem(
            "`sample` is missing",
            path,
            "Write the path of a sample file, or set columns: [ID, Name] instead.",
        )
        return None
    try:
        policies = shape.contract
        if shape.columns is not None:
            return named_fields(shape.columns, to="columns", duplicate=policies.duplicate)
        return _fields_of_sample(shape.sample or "", dialect, policies, path, compilation)
    except RequestWrong as error:
        compilation.add_error(error, (*path, "sample" if shape.columns is None else "columns"))
        return None


def _fields_of_sample(
    sample: str, dialect: Dialect, policies: Policies, path: Path, compilation: Compilation
) -> tuple[Field, ...] | None:
    """The fields of a sample. A header that looks like data is refused, unless the task was applied with
    these names before.
    """
    found = read_sample(FilePath(compilation.absolute(sample)), dialect)
    doubt = found.doubt
    if doubt is not None and found.names != compilation.applied_names(path):
        compilation.add_problem(f"{doubt.what}: {sample}", (*path, "sample"), doubt.in_file)
        return None
    compilation.notes.extend(f"{sample}: {note}" for note in found.notes)
    names = named_columns(found.names, dialect, policies.blank)
    return named_fields(names, to=compilation.absolute(sample), duplicate=policies.duplicate)


def _misfits(sample: str, contract: Contract, compilation: Compilation) -> list[str]:
    """For each field whose type does not fit the values of the sample: a note, which is not an error."""
    found = sample_misfits(FilePath(compilation.absolute(sample)), contract)
    return [
        f"line {line} of {sample} would be a reject: {reason} in `{name}`" for line, name, reason in found
    ]
