"""The permissions that an account needs, for the tasks of a workflow or for a bucket."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bucketlift.errors import RequestWrong
from bucketlift.model.account import store_kind
from bucketlift.model.source import Selection, StoreKind
from bucketlift.model.workflow import AfterImport, Delete, Keep, Move, Rename
from bucketlift.rules.bucket_names import misnamed_bucket
from bucketlift.service.core.app import App

ANY_NAME = "bucketlift-"
"""A placeholder for the prefix of a rename. The permissions are for the whole folder, so they are the same
for every prefix.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountUse:
    """What an account is used for: the tasks of a workflow, or a bucket with an action."""

    workflow: str | None = None
    bucket: str | None = None
    prefix: str = ""
    after_import: str = "keep"
    archive: str | None = None
    archive_prefix: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """What one task needs permissions for: a selection, and the action on its files."""

    selection: Selection
    after_import: AfterImport
    task: str | None = None
    """The task of the workflow; None if the account is used without a workflow."""


def required_permissions(app: App, account: str, use: AccountUse) -> tuple[Permission, ...]:
    """The permissions that an account needs for a use.

    Raises:
        NotFound: there is no such account or workflow.
        RequestWrong: the use is incomplete or contradictory, or the workflow does not use this account.
    """
    kind = store_kind(app.ledger.catalog.account(account).settings)
    if use.workflow is not None:
        return _of_workflow(app, account, use)
    if kind != "s3":
        return (_of_files(account, use, kind),)
    if use.bucket is None:
        raise RequestWrong(
            "A workflow or a bucket is missing", to=account, hint="Add --workflow W or --bucket B."
        )
    for name in (use.bucket, use.archive):
        wrong = misnamed_bucket(name) if name is not None else None
        if wrong is not None:
            what, hint = wrong
            raise RequestWrong(f"{what[0].upper()}{what[1:]}", to=str(name), hint=hint)
    selection = Selection(bucket=use.bucket, prefix=use.prefix)
    return (Permission(selection=selection, after_import=action(use)),)


def _of_files(account: str, use: AccountUse, kind: StoreKind) -> Permission:
    if use.bucket is not None or use.archive is not None:
        raise RequestWrong(
            "A folder and an SFTP server have no buckets", to=account, hint="Remove --bucket and --archive."
        )
    after_import = Move(prefix=use.archive_prefix) if use.after_import == "move" else action(use)
    return Permission(selection=Selection(bucket="", kind=kind, prefix=use.prefix), after_import=after_import)


def _of_workflow(app: App, account: str, use: AccountUse) -> tuple[Permission, ...]:
    assert use.workflow is not None  # noqa: S101 - checked by the caller
    if use != AccountUse(workflow=use.workflow):
        raise RequestWrong(
            "A workflow already defines its bucket and action",
            to=use.workflow,
            hint="Remove --workflow or the other options.",
        )
    flow = app.ledger.catalog.workflow(use.workflow).workflow
    found = tuple(
        Permission(selection=task.selection, after_import=task.after_import, task=task.id)
        for task in flow.extracts
        if task.account == account
    )
    if not found:
        raise RequestWrong(
            f"No extract task of workflow {use.workflow} uses this account",
            to=account,
            hint="Name another workflow or account.",
        )
    return found


def action(use: AccountUse) -> AfterImport:
    """The action after import for this use.

    Raises:
        RequestWrong: the action is unknown, or its archive is missing or not allowed.
    """
    actions: Mapping[str, Callable[[AccountUse], AfterImport]] = {
        "keep": lambda _: Keep(),
        "delete": lambda _: Delete(),
        "move": _move,
        "rename": _rename,
    }
    if use.after_import not in actions:
        known = ", ".join(actions)
        raise RequestWrong("Unknown action", to=use.after_import, hint=f"Use one of {known}.")
    if use.archive is not None and use.after_import != "move":
        raise RequestWrong(
            "--archive needs --after-import move", to=use.archive, hint="Add --after-import move."
        )
    return actions[use.after_import](use)


def _move(use: AccountUse) -> Move:
    if use.archive is None:
        raise RequestWrong(
            "A move needs an archive", hint="Add --archive B, and --archive-prefix P if it has one."
        )
    return Move(bucket=use.archive, prefix=use.archive_prefix)


def _rename(use: AccountUse) -> Rename:
    if not use.archive_prefix and use.prefix.rpartition("/")[2]:
        raise RequestWrong(
            "The prefix does not end with a slash, so the policy of a rename needs the prefix of the new names",
            to=use.prefix,
            hint="Add --archive-prefix P.",
        )
    return Rename(prefix=use.archive_prefix or ANY_NAME)
