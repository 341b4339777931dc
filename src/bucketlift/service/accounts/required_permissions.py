"""What is asked of an account: by a workflow's tasks, or by somebody who has no workflow yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bucketlift.errors import RequestWrong
from bucketlift.model.source import Selection
from bucketlift.model.workflow import AfterImport, Delete, Keep, Move, Rename
from bucketlift.rules.bucket_names import misnamed_bucket
from bucketlift.service.core.app import App

ANY_NAME = "bucketlift-"
"""Stands for a rename's prefix that was not said: under a whole folder the rights are the same for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As a person names it: a workflow, or a bucket and what goes with it."""

    workflow: str | None = None
    bucket: str | None = None
    prefix: str = ""
    after_import: str = "keep"
    archive: str | None = None
    archive_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    selection: Selection
    after_import: AfterImport
    task: str | None = None
    """Of the workflow; None where it was named by hand."""


def needs(app: App, account: str, asked: Asked) -> tuple[Need, ...]:
    """What the account must allow.

    Raises:
        NotFound: there is no such account or workflow.
        RequestWrong: what was named is too little, too much, or not of this account.
    """
    app.ledger.catalog.account(account)
    if asked.workflow is not None:
        return _of_workflow(app, account, asked)
    if asked.bucket is None:
        raise RequestWrong("Say what the account is for", to=account, hint="--workflow W, or --bucket B.")
    for name in (asked.bucket, asked.archive):
        wrong = misnamed_bucket(name) if name is not None else None
        if wrong is not None:
            what, hint = wrong
            raise RequestWrong(f"{what[0].upper()}{what[1:]}", to=str(name), hint=hint)
    selection = Selection(bucket=asked.bucket, prefix=asked.prefix)
    return (Need(selection=selection, after_import=action(asked)),)


def _of_workflow(app: App, account: str, asked: Asked) -> tuple[Need, ...]:
    assert asked.workflow is not None  # noqa: S101 - the caller looked
    if asked != Asked(workflow=asked.workflow):
        raise RequestWrong(
            "A workflow says by itself which bucket and action it has",
            to=asked.workflow,
            hint="Leave --workflow out, or the other options.",
        )
    flow = app.ledger.catalog.workflow(asked.workflow).workflow
    found = tuple(
        Need(selection=task.selection, after_import=task.after_import, task=task.id)
        for task in flow.extracts
        if task.account == account
    )
    if not found:
        raise RequestWrong(
            f"No extract task of workflow {asked.workflow} uses this account",
            to=account,
            hint="Name another one.",
        )
    return found


def action(asked: Asked) -> AfterImport:
    """What is done with the files, as it was named.

    Raises:
        RequestWrong: there is no such action, or its archive is missing or too much.
    """
    ways: Mapping[str, Callable[[Asked], AfterImport]] = {
        "keep": lambda _: Keep(),
        "delete": lambda _: Delete(),
        "move": _move,
        "rename": _rename,
    }
    if asked.after_import not in ways:
        known = ", ".join(ways)
        raise RequestWrong("There is no such action", to=asked.after_import, hint=f"Known: {known}.")
    if asked.archive is not None and asked.after_import != "move":
        raise RequestWrong("Only a move has an archive", to=asked.archive, hint="Say --after-import move.")
    return ways[asked.after_import](asked)


def _move(asked: Asked) -> Move:
    if asked.archive is None:
        raise RequestWrong(
            "A move needs an archive", hint="--archive B, and --archive-prefix P if it has one."
        )
    return Move(bucket=asked.archive, prefix=asked.archive_prefix)


def _rename(asked: Asked) -> Rename:
    if not asked.archive_prefix and asked.prefix.rpartition("/")[2]:
        raise RequestWrong(
            "A rename under a prefix that does not end with a slash needs its file name prefix",
            to=asked.prefix,
            hint="--archive-prefix P.",
        )
    return Rename(prefix=asked.archive_prefix or ANY_NAME)
