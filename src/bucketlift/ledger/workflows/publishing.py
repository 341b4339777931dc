"""Publishes a new version of a workflow if it differs from the newest one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.json_codec import dump, load_workflow
from bucketlift.ledger.db.rows import Row
from bucketlift.ledger.triggers.schedules import watch
from bucketlift.model.load import SHORT, slug_of
from bucketlift.model.workflow import Workflow


def publish(connection: sa.Connection, workflow: Workflow, now: datetime) -> None:
    flows = tables.workflows
    row = connection.execute(sa.select(flows).where(flows.c.key == workflow.key)).one_or_none()
    if row is None:
        _make(connection, workflow, now)
    else:
        _change(connection, workflow, row, now)
    watch(connection, workflow, now)


def _make(connection: sa.Connection, workflow: Workflow, now: datetime) -> None:
    connection.execute(
        sa.insert(tables.workflows).values(
            key=workflow.key,
            slug=_free_slug(connection, slug_of(workflow.key)),
            project=workflow.project,
            version=1,
            enabled=workflow.enabled,
            switched_on_at=now,
        )
    )
    _keep_version(connection, workflow, 1, now)


def _free_slug(connection: sa.Connection, preferred: str) -> str:
    """Return a slug for a new workflow.

    A workflow that was renamed keeps its slug. If it uses the wanted slug, a number is added to the new one.
    """
    known = connection.scalars(sa.select(tables.workflows.c.slug))
    # The slug of a workflow with long load names has no prefix. Its loads must not be confused with others.
    taken = {each if each.startswith(SHORT) else SHORT + each for each in known}
    return numbered(preferred, taken)


def _change(connection: sa.Connection, workflow: Workflow, row: Row, now: datetime) -> None:
    version = row.version if _is_same(connection, workflow, row.version) else row.version + 1
    values: dict[str, Any] = {
        "project": workflow.project,
        "version": version,
        "enabled": workflow.enabled,
        "deleted_at": None,
        "task_slugs": _task_slugs(workflow, row.task_slugs or {}) or sa.null(),
    }
    if workflow.enabled and not row.enabled and not _was_listed(connection, workflow.key):
        values["switched_on_at"] = now
    flows = tables.workflows
    connection.execute(sa.update(flows).where(flows.c.key == workflow.key).values(**values))
    if version != row.version:
        _keep_version(connection, workflow, version, now)


def _task_slugs(workflow: Workflow, known: Mapping[str, str]) -> dict[str, str]:
    """Return the slugs of tasks. If the ID of a new task is the slug of a renamed task, the new task gets
    another slug, so that the names of their loads differ.
    """
    slugs = dict(known)
    for task in workflow.tasks:
        if task.id not in slugs and task.id in slugs.values():
            slugs[task.id] = numbered(task.id, slugs.values())
    return slugs


def numbered(slug: str, taken: Collection[str]) -> str:
    """Return the slug. If it is taken, a number is added.

    The number follows a colon, which no key or ID contains.
    """
    return next(
        each for number in count(1) if (each := slug if number == 1 else f"{slug}:{number}") not in taken
    )


def _is_same(connection: sa.Connection, workflow: Workflow, version: int) -> bool:
    """Whether a stored version equals the workflow. False if this version of Bucketlift cannot read the
    stored version.
    """
    versions = tables.workflow_versions
    current = connection.scalar(
        sa.select(versions.c.definition).where(
            versions.c.workflow == workflow.key, versions.c.version == version
        )
    )
    try:
        return current is not None and load_workflow(current) == workflow
    except Exception:  # noqa: BLE001 - an unreadable version is replaced
        return False


def _keep_version(connection: sa.Connection, workflow: Workflow, version: int, now: datetime) -> None:
    connection.execute(
        sa.insert(tables.workflow_versions).values(
            workflow=workflow.key, version=version, definition=dump(Workflow, workflow), made_at=now
        )
    )


def _was_listed(connection: sa.Connection, workflow: str) -> bool:
    """Whether the workflow's first listing is complete. Afterwards, every object that appears is new."""
    listings = tables.listings.c
    return connection.scalar(sa.select(listings.task).where(listings.workflow == workflow)) is not None
