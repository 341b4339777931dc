"""Renames workflows and tasks in all rows of the ledger.

The slugs stay the same. So the names of loads and claims stay the same too, and their receipts in
destinations are still found.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.workflows.publishing import publish
from bucketlift.ledger.workflows.versions import newest_rows, read
from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import AfterWorkflow, OnFinish, Trigger, mark

_flows, _versions = tables.workflows, tables.workflow_versions
_NAMING_WORKFLOWS = (
    tables.claims.c.workflow,
    tables.drafts.c.key,
    tables.events.c.workflow,
    tables.leases.c.workflow,
    tables.listings.c.workflow,
    tables.notices.c.workflow,
    tables.outbox.c.workflow,
    tables.replays.c.workflow,
    tables.runs.c.workflow,
    tables.schedules.c.workflow,
)
"""All columns that contain a workflow's key.

The columns of its versions are left out, because they refer to the workflow's row.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Renamed:
    """The workflows and tasks to rename: for each new name, the former name."""

    workflows: Mapping[str, str] = field(default_factory=dict)
    tasks: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """For each workflow, by its new key: the former IDs of its tasks, by their new IDs."""


def rename(connection: sa.Connection, renamed: Renamed, now: datetime) -> None:
    """Rename workflows and tasks.

    Raises:
        RequestWrong: a run is in progress, or a new name was used before; nothing is changed.
    """
    for new, old in renamed.workflows.items():
        _refuse_running(connection, old)
        _rename_workflow(connection, old, new)
        _rename_followed(connection, old, new, now)
    for workflow, tasks in renamed.tasks.items():
        if tasks:
            _refuse_running(connection, workflow)
            _rename_tasks(connection, workflow, {old: new for new, old in tasks.items()})


def _refuse_running(connection: sa.Connection, workflow: str) -> None:
    """Refuse to rename during a run, because the run keeps the names of the workflow and its tasks in memory."""
    runs = tables.runs.c
    begun = sa.select(runs.id).where(runs.workflow == workflow, runs.state == RunState.RUNNING.value)
    run = connection.scalar(begun.limit(1))
    if run is not None:
        raise RequestWrong(
            f"The workflow cannot be renamed while its run {run} is in progress",
            to=workflow,
            hint=f"Wait until the run ends, then apply again. If it was interrupted, end it first: bucketlift run {workflow}",
        )


def _rename_workflow(connection: sa.Connection, old: str, new: str) -> None:
    row = connection.execute(sa.select(_flows).where(_flows.c.key == old)).one_or_none()
    if row is None:
        hint = "The workflow has just been renamed or removed. Apply the file again."
        raise RequestWrong("The workflow to rename does not exist any more", to=old, hint=hint)
    _refuse_used_key(connection, new)
    slug, values = row.slug, dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    if values["task_slugs"] is None:
        values["task_slugs"] = sa.null()
    # Versions refer to the row, so the new row is inserted before the old one is deleted, with a temporary slug.
    connection.execute(sa.insert(_flows).values(**values | {"key": new, "slug": f"{slug}:renamed"}))
    _rewrite_versions(connection, old, lambda stored: {**stored, "key": new}, key=new)
    connection.execute(sa.delete(_flows).where(_flows.c.key == old))
    connection.execute(sa.update(_flows).where(_flows.c.key == new).values(slug=slug))
    for column in _NAMING_WORKFLOWS:
        connection.execute(sa.update(column.table).where(column == old).values({column.name: new}))

    # From now on, a worker that still holds the lease under the former name is refused.
    lease = tables.leases
    connection.execute(
        sa.update(lease).where(lease.c.workflow == new).values(holder=None, token=lease.c.token + 1)
    )


def _refuse_used_key(connection: sa.Connection, key: str) -> None:
    for column, what in (
        (_flows.c.key, "There is already a workflow with this name"),
        (tables.drafts.c.key, "A draft on the page has this name"),
    ):
        if connection.scalar(sa.select(column).where(column == key)) is not None:
            raise RequestWrong(what, to=key, hint="Choose another key.")


def _rename_followed(connection: sa.Connection, old: str, new: str, now: datetime) -> None:
    """Change the triggers of workflows that start after the renamed one, so that they miss none of its runs."""
    for row in newest_rows(connection):
        workflow = read(row).workflow
        if not any(isinstance(each, OnFinish) and each.after.workflow == old for each in workflow.triggers):
            continue
        triggers = tuple(_followed(connection, row.key, each, old, new) for each in workflow.triggers)
        publish(connection, replace(workflow, triggers=triggers), now)


def _followed(connection: sa.Connection, follower: str, trigger: Trigger, old: str, new: str) -> Trigger:
    if not isinstance(trigger, OnFinish) or trigger.after.workflow != old:
        return trigger
    changed = OnFinish(after=AfterWorkflow(workflow=new, when=trigger.after.when))
    marks = tables.schedules
    mine = sa.update(marks).where(marks.c.workflow == follower, marks.c.schedule == mark(trigger))
    connection.execute(mine.values(schedule=mark(changed)))
    return changed


def _rename_tasks(connection: sa.Connection, workflow: str, ids: Mapping[str, str]) -> None:
    row = connection.execute(sa.select(_flows).where(_flows.c.key == workflow)).one()
    _refuse_used(connection, workflow, ids)
    slugs = dict(row.task_slugs or {})
    moved = {new: slugs.pop(old, old) for old, new in ids.items()}
    connection.execute(
        sa.update(_flows).where(_flows.c.key == workflow).values(task_slugs={**slugs, **moved})
    )
    _rewrite_versions(connection, workflow, lambda stored: _with_ids(stored, ids))
    mine = sa.select(tables.claims.c.id).where(tables.claims.c.workflow == workflow)
    runs = sa.select(tables.runs.c.id).where(tables.runs.c.workflow == workflow)
    places = (
        (tables.claims.c.task, tables.claims.c.workflow == workflow),
        (tables.listings.c.task, tables.listings.c.workflow == workflow),
        (tables.manifests.c.task, tables.manifests.c.run.in_(runs)),
        (tables.receipts.c.load_task, tables.receipts.c.claim.in_(mine)),
        (tables.replay_receipts.c.load_task, tables.replay_receipts.c.claim.in_(mine)),
        (tables.chunks.c.load_task, tables.chunks.c.claim.in_(mine)),
        (tables.rejects.c.load_task, tables.rejects.c.claim.in_(mine)),
    )
    for column, where in places:
        named = sa.case(*((column == old, new) for old, new in ids.items()), else_=column)
        connection.execute(
            sa.update(column.table).where(where, column.in_(list(ids))).values({column.name: named})
        )
    _rename_choices(connection, workflow, ids)


def _refuse_used(connection: sa.Connection, workflow: str, ids: Mapping[str, str]) -> None:
    """Refuse a new ID that another task had in an earlier version, because files of that task have the ID."""
    stored = connection.scalars(sa.select(_versions.c.definition).where(_versions.c.workflow == workflow))
    used = {task["id"] for definition in stored for task in definition["tasks"]}
    for new in ids.values():
        if new in used - set(ids):
            raise RequestWrong(
                f"An earlier version of the workflow had another task `{new}`, whose history is kept",
                to=workflow,
                hint="Choose another ID for the renamed task.",
            )


def _rename_choices(connection: sa.Connection, workflow: str, ids: Mapping[str, str]) -> None:
    """Rename tasks in the lists of the column ``choice``. Each distinct list is changed by one update."""
    claims = tables.claims
    text = sa.cast(claims.c.choice, sa.Text)
    mine = claims.c.workflow == workflow
    found = connection.execute(
        sa.select(text.label("text"), sa.func.min(claims.c.id).label("claim"))
        .where(mine, claims.c.choice.is_not(None))
        .group_by(text)
    ).all()
    for each in found:
        choice = connection.scalar(sa.select(claims.c.choice).where(claims.c.id == each.claim))
        changed = [ids.get(task, task) for task in choice or ()]
        if choice is not None and changed != list(choice):
            connection.execute(sa.update(claims).where(mine, text == each.text).values(choice=changed))


def _rewrite_versions(
    connection: sa.Connection, workflow: str, change: Callable[[Any], Any], *, key: str | None = None
) -> None:
    """Change the stored definitions of all versions.

    This includes definitions that this version of Bucketlift cannot read.
    """
    rows = connection.execute(
        sa.select(_versions.c.version, _versions.c.definition).where(_versions.c.workflow == workflow)
    ).all()
    for row in rows:
        mine = sa.update(_versions).where(
            _versions.c.workflow == workflow, _versions.c.version == row.version
        )
        connection.execute(mine.values(workflow=key or workflow, definition=change(row.definition)))


def _with_ids(stored: Any, ids: Mapping[str, str]) -> Any:
    """Replace the task IDs in a stored definition."""
    return {**stored, "tasks": [_with_id(task, ids) for task in stored["tasks"]]}


def _with_id(task: Any, ids: Mapping[str, str]) -> Any:
    changed = {**task, "id": ids.get(task["id"], task["id"])}
    if "source" in changed:
        changed["source"] = ids.get(changed["source"], changed["source"])
    for word in ("then", "otherwise"):
        if word in changed:
            changed[word] = [ids.get(each, each) for each in changed[word]]
    if "test" in changed:
        changed["test"] = _with_id_in_test(changed["test"], ids)
    return changed


def _with_id_in_test(test: Any, ids: Mapping[str, str]) -> Any:
    if "tests" in test:
        return {**test, "tests": [_with_id_in_test(each, ids) for each in test["tests"]]}
    return {**test, "task": ids.get(test["task"], test["task"])}
