"""Compiles a part of a workflow file, from a command or a form: an account, a destination, a workflow, a task
or a trigger.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path as FilePath
from typing import Any

from bucketlift.definition.compile.definition import Definition, Installed, compile_definition
from bucketlift.definition.parse import Parsed, shaped
from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import DefinitionWrong, Path
from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import Account, Destination
from bucketlift.model.notice import Notify
from bucketlift.model.trigger import Trigger
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.schema.document import WorkflowShape

_EXTRACT_DEPTH = len(("workflows", "w", "tasks", 0, "extract"))
TRIGGER_DEPTH = len(("workflows", "w", "triggers", 0))
"""Number of elements at the start of a problem's path that lead to the trigger."""
_ANY_COLUMNS = ("a column", "another")
_NO_BUCKET = {"kind": "s3", "bucket": "none", "after_import": "keep"}


def account_from(name: str, settings: Mapping[str, Any]) -> Account:
    """The account with these settings, written as in a workflow file.

    Raises:
        RequestWrong: a setting is missing, unknown or wrong.
    """
    (account,) = _place("account", name, settings).accounts
    return replace(account, project=None)


def destination_from(name: str, settings: Mapping[str, Any]) -> Destination:
    """The destination with these settings, written as in a workflow file. Its path is relative to the working
    directory.

    Raises:
        RequestWrong: a setting is missing, unknown or wrong.
    """
    (destination,) = _place("destination", name, settings).destinations
    return replace(destination, project=None)


def workflow_from(key: str, workflow: Mapping[str, Any], installed: Installed | None = None) -> Workflow:
    """The workflow with these keys. It belongs to no project.

    Raises:
        DefinitionWrong: the workflow has problems; the error contains all of them.
    """
    (compiled,) = compile_definition(_parsed(workflows={key: dict(workflow)}), installed).workflows
    return replace(compiled, project=None)


def single_extract(settings: Mapping[str, Any]) -> ExtractTask:
    """The extract task with these keys. A missing account or bucket gets a placeholder.

    Raises:
        DefinitionWrong: the task has problems; the error contains all of them.
    """
    bucket = {"bucket": "your-bucket"} if settings.get("kind", "s3") == "s3" else {}
    extract = {"id": "files", "extract": {"account": "none", **bucket, **settings}}
    load = {"id": "load", "load": {"from": "files", "to": "none", "table": "none"}}
    return workflow_from("w", {"tasks": [extract, load]}).extracts[0]


def extract_from(
    settings: Mapping[str, Any], names: Sequence[str] | None, *, name_of: Callable[[Path], str]
) -> ExtractTask:
    """The extract task with these keys and columns. A missing account or bucket gets a placeholder.

    Without ``names``, the fields are placeholders until a header is read.

    Raises:
        RequestWrong: a key is wrong or conflicts with another. The error uses ``name_of``, which returns the
        name of a key for the person.
    """
    given = {**_NO_BUCKET, **settings, "columns": list(names or _ANY_COLUMNS)}
    if names is None:
        given.pop("fields", None)
    try:
        return single_extract(given)
    except DefinitionWrong as error:
        first = error.problems[0]
        kind = NotAvailable if first.unavailable else RequestWrong
        raise kind(first.what, to=name_of(first.path[_EXTRACT_DEPTH:]), hint=first.hint) from None


def trigger_from(settings: Mapping[str, Any]) -> Trigger:
    """The trigger with these keys.

    Raises:
        DefinitionWrong: the trigger has problems; the error contains all of them. The first ``TRIGGER_DEPTH``
        elements of each path lead to the trigger.
    """
    parsed = _parsed(workflows={"w": {"triggers": [dict(settings)], "tasks": []}})
    return parsed.document.workflows["w"].triggers[0]


def workflow_settings_from(settings: Mapping[str, Any]) -> WorkflowShape:
    """The settings of a workflow without its tasks: its tags, expected times and notices.

    Raises:
        DefinitionWrong: a setting has problems; the error contains all of them.
    """
    parsed = _parsed(workflows={"w": {"tasks": [], **settings}})
    return parsed.document.workflows["w"]


def notify_from(settings: Mapping[str, Any]) -> Notify:
    """The entry of ``notify`` with these keys.

    Raises: as in ``workflow_settings_from``.
    """
    return workflow_settings_from({"notify": [dict(settings)]}).notify[0]


def _place(what: str, name: str, settings: Mapping[str, Any]) -> Definition:
    try:
        return compile_definition(_parsed(**{f"{what}s": {name: dict(settings)}}))
    except DefinitionWrong as error:
        kind = NotAvailable if isinstance(error, NotAvailable) else RequestWrong
        raise kind(error.what, to=f"{what} {name}", hint=error.hint) from None


def _parsed(**sections: Any) -> Parsed:
    """A document with these sections, without line numbers. Paths in it are relative to the working
    directory.
    """
    document = {"version": 1, "project": "none", **sections}
    return shaped(Located(name="the settings", value=document, lines={}), folder=FilePath.cwd())
