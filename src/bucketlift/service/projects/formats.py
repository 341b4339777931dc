"""Makes the file format and the contract from command options or from a program's arguments."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.definition.fragments import extract_from
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.workflow import ExtractTask
from bucketlift.tabular.sample import named_columns, named_fields, read_sample

Form = Mapping[str, Any]
"""The settings of an extract task, under the keys of a workflow file."""


def named_in(form: Form, contract: Contract, sample: Path | None) -> tuple[Field, ...] | None:
    """The fields that the form or a sample gives; None if the header of each file gives them.

    Raises:
        RequestWrong: both the form and a sample are given, the sample cannot be read, or files without a
        header have no named fields.
    """
    if "columns" in form and sample is not None:
        raise RequestWrong(
            "--columns and --sample cannot be used together", to="--columns", hint="Remove one of them."
        )
    if "columns" in form:
        return named_fields(form["columns"], to="--columns", duplicate=contract.policies.duplicate)
    if sample is not None:
        return fields_of_header(sample, contract, to=str(sample))
    if not contract.dialect.header:
        raise RequestWrong(
            "Files without a header row need field names",
            to="--no-header",
            hint="Add --columns A,B,C, or --sample FILE with a header row.",
        )
    return None


def fields_of_header(path: Path, contract: Contract, *, to: str) -> tuple[Field, ...]:
    """The fields in the header of a file.

    Raises:
        RequestWrong: the file has no header, or the header looks like data. The error names the file as
        ``to``, and the hint names options.
    """
    try:
        sample = read_sample(path, contract.dialect)
    except RequestWrong as error:
        what = error.what.replace("The sample file", "The file")
        raise RequestWrong(what, to=to, hint=error.hint) from None
    if sample.doubt is not None:
        raise RequestWrong(sample.doubt.what, to=to, hint=sample.doubt.on_command)
    names = named_columns(sample.names, contract.dialect, contract.policies.blank)
    return named_fields(names, to=to, duplicate=contract.policies.duplicate)


def typed(
    form: Form, fields: tuple[Field, ...], *, name_of: Callable[[tuple[str | int, ...]], str]
) -> ExtractTask:
    """The task with these fields and the types of the form. The fields keep their aliases.

    Raises:
        RequestWrong: the form is not valid. The error uses ``name_of``, which returns the name that the user
        gave a key.
    """
    task = extract_from(form, [field.name for field in fields], name_of=name_of)
    merged = tuple(
        replace(new, aliases=new.aliases or old.aliases)
        for new, old in zip(task.contract.fields, fields, strict=True)
    )
    return replace(task, contract=replace(task.contract, fields=merged))


def option_name(path: tuple[str | int, ...]) -> str:
    """The command-line option for a key of the extract task."""
    keys = [str(step) for step in path]
    match keys:
        case ["dialect", key, *_]:
            return f"--{key.replace('_', '-')}"
        case ["fields", name, *_]:
            return f"--field {name}"
        case ["contract" | "archive" as part, *rest]:
            return " ".join([f"--{part}", *rest[:1]])
        case ["empty", *_]:
            return "--contract empty"
        case [key, *_]:
            return f"--{key.replace('_', '-')}"
        case _:
            return "the command"
