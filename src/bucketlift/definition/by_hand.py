"""Compiles one account, destination, trigger or extract of a command or form by the rules of the file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from bucketlift.definition.compile.definition import Definition, compile_definition
from bucketlift.definition.parse import parse, shaped
from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import DefinitionWrong, Path
from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import Account, Destination
from bucketlift.model.trigger import Trigger
from bucketlift.model.workflow import ExtractTask
from bucketlift.yaml_text import emit

_ABOVE = len(("workflows", "w", "tasks", 0, "extract"))
DEPTH = 4
"""Steps of a trigger's problem that lead to the trigger."""
_ANY_COLUMNS = ("a column", "another")


def account_from(name: str, said: Mapping[str, Any]) -> Account:
    """The account with these properties, written as in a workflow file.

    Raises:
        RequestWrong: a property is missing, unknown or wrong.
    """
    (account,) = _compiled("account", name, said).accounts
    return replace(account, project=None)


def destination_from(name: str, said: Mapping[str, Any]) -> Destination:
    """As ``account_from``; a path is relative to the working directory."""
    (destination,) = _compiled("destination", name, said).destinations
    return replace(destination, project=None)


def extract_from(
    form: Mapping[str, Any], names: Sequence[str] | None, *, name_of: Callable[[Path], str]
) -> ExtractTask:
    """The extract task with these keys, written as in a workflow file; its ID is ``files``.

    Without ``names`` it has placeholder fields, for the time before a header was read.

    Raises:
        RequestWrong: a key is wrong or conflicts with another. ``name_of`` gives the name of a key for the person.
    """
    given = {**form, "columns": list(names or _ANY_COLUMNS)}
    if names is None:
        given.pop("fields", None)
    extract = {"kind": "s3", "account": "none", "bucket": "none", "after_import": "keep", **given}
    load = {"from": "files", "to": "none", "table": "none"}
    flow = {"tasks": [{"id": "files", "extract": extract}, {"id": "load", "load": load}]}
    document = {"version": 1, "project": "by-hand", "workflows": {"w": flow}}
    try:
        parsed = shaped(Located(name="the command", value=document, lines={}), folder=FilePath.cwd())
        (made,) = compile_definition(parsed).workflows
    except DefinitionWrong as error:
        first = error.problems[0]
        kind = NotAvailable if first.unavailable else RequestWrong
        raise kind(first.what, to=name_of(first.path[_ABOVE:]), hint=first.hint) from None
    return made.extracts[0]


def trigger_from(said: Mapping[str, Any]) -> Trigger:
    """The trigger with these keys, written as in a workflow file.

    Raises:
        DefinitionWrong: all problems of the trigger; the first steps of each path lead to the trigger.
    """
    whole = {
        "version": 1,
        "project": "page",
        "workflows": {"workflow": {"triggers": [dict(said)], "tasks": []}},
    }
    parsed = shaped(Located(name="trigger", value=whole, lines={}), folder=FilePath.cwd())
    return parsed.document.workflows["workflow"].triggers[0]


def as_option(path: Path) -> str:
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


def _compiled(what: str, name: str, said: Mapping[str, Any]) -> Definition:
    document = {"version": 1, "project": "by-hand", f"{what}s": {name: dict(said)}}
    try:
        return compile_definition(parse(emit(document).encode(), name=name, folder=FilePath.cwd()))
    except DefinitionWrong as error:
        kind = NotAvailable if isinstance(error, NotAvailable) else RequestWrong
        raise kind(error.what, to=f"{what} {name}", hint=error.hint) from None
