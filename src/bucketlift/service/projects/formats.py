"""The format of files as a command or a program describes it, and the contract that it makes with a header."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.definition.by_hand import extract_from
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.workflow import ExtractTask
from bucketlift.tabular.sample import named_fields, read_sample

Form = Mapping[str, Any]
"""Keys of an extract task, spelt as in a workflow file."""


def named_in(form: Form, contract: Contract, sample: Path | None) -> tuple[Field, ...] | None:
    """The fields that the form or a sample names; None if the files' own header is to name them.

    Raises:
        RequestWrong: both name them, the sample cannot be read, or nothing names the fields of files without a header.
    """
    if "columns" in form and sample is not None:
        raise RequestWrong(
            "Both --columns and --sample name the fields", to="--columns", hint="Leave one of them out."
        )
    if "columns" in form:
        return named_fields(form["columns"], to="--columns", duplicate=contract.policies.duplicate)
    if sample is not None:
        return fields_of_header(sample, contract, to=str(sample))
    if not contract.dialect.header:
        raise RequestWrong(
            "Files without a header row do not name their fields",
            to="--no-header",
            hint="Add --columns A,B,C, or --sample FILE with a header row.",
        )
    return None


def fields_of_header(path: Path, contract: Contract, *, to: str) -> tuple[Field, ...]:
    """The fields that the header of a file names.

    Raises:
        RequestWrong: there is none, or it looks like data: then the file is named as ``to``, and options of the command
            end the doubt.
    """
    try:
        sample = read_sample(path, contract.dialect)
    except RequestWrong as error:
        what = error.what.replace("The sample file", "The file")
        raise RequestWrong(what, to=to, hint=error.hint) from None
    if sample.doubt is not None:
        raise RequestWrong(sample.doubt.what, to=to, hint=sample.doubt.on_command)
    return named_fields(sample.names, to=to, duplicate=contract.policies.duplicate)


def typed(
    form: Form, fields: tuple[Field, ...], *, name_of: Callable[[tuple[str | int, ...]], str]
) -> ExtractTask:
    """The task with these fields, typed as the form says; aliases that a person accepted stay.

    Raises:
        RequestWrong: the form is wrong. ``name_of`` says what the person calls a key.
    """
    task = extract_from(form, [field.name for field in fields], name_of=name_of)
    merged = tuple(
        replace(new, aliases=new.aliases or old.aliases)
        for new, old in zip(task.contract.fields, fields, strict=True)
    )
    return replace(task, contract=replace(task.contract, fields=merged))
