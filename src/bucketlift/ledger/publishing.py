"""A workflow's new version, where it differs from its newest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.forms import dump, load_workflow
from bucketlift.ledger.rows import Row
from bucketlift.ledger.schedules import watch
from bucketlift.model.load import slug_of
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
            slug=slug_of(workflow.key),
            project=workflow.project,
            version=1,
            enabled=workflow.enabled,
            switched_on_at=now,
        )
    )
    _keep_version(connection, workflow, 1, now)


def _change(connection: sa.Connection, workflow: Workflow, row: Row, now: datetime) -> None:
    version = row.version if _stands(connection, workflow, row.version) else row.version + 1
    values: dict[str, Any] = {
        "project": workflow.project,
        "version": version,
        "enabled": workflow.enabled,
        "deleted_at": None,
    }
    if workflow.enabled and not row.enabled and not _was_listed(connection, workflow.key):
        values["switched_on_at"] = now
    flows = tables.workflows
    connection.execute(sa.update(flows).where(flows.c.key == workflow.key).values(**values))
    if version != row.version:
        _keep_version(connection, workflow, version, now)


def _stands(connection: sa.Connection, workflow: Workflow, version: int) -> bool:
    """Whether a version says what the workflow says. One that cannot be read says something else."""
    versions = tables.workflow_versions
    current = connection.scalar(
        sa.select(versions.c.definition).where(
            versions.c.workflow == workflow.key, versions.c.version == version
        )
    )
    try:
        return current is not None and load_workflow(current) == workflow
    except Exception:  # noqa: BLE001 - whatever stands there, it is replaced
        return False


def _keep_version(connection: sa.Connection, workflow: Workflow, version: int, now: datetime) -> None:
    connection.execute(
        sa.insert(tables.workflow_versions).values(
            workflow=workflow.key, version=version, definition=dump(Workflow, workflow), made_at=now
        )
    )


def _was_listed(connection: sa.Connection, workflow: str) -> bool:
    """Whether a first listing is complete: from then on, what appears is new whatever its time."""
    listings = tables.listings.c
    return connection.scalar(sa.select(listings.task).where(listings.workflow == workflow)) is not None
