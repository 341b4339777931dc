"""Reads published versions of workflows."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from bucketlift.errors import NeedsPerson
from bucketlift.ledger import tables
from bucketlift.ledger.db.database import aware
from bucketlift.ledger.db.json_codec import load_workflow
from bucketlift.ledger.db.rows import Row
from bucketlift.model.workflow import Definition, Workflow


def newest_rows(connection: sa.Connection) -> Sequence[Row]:
    """Return the newest stored version of each workflow that is not deleted."""
    is_newest = tables.workflow_versions.c.version == tables.workflows.c.version
    query = _versions(is_newest).where(tables.workflows.c.deleted_at.is_(None))
    return connection.execute(query.order_by(tables.workflows.c.key)).all()


def read(row: Row) -> Definition:
    """Convert a stored version of a workflow.

    Raises:
        NeedsPerson: this version of Bucketlift cannot read the stored version.
    """
    try:
        return _definition(row)
    except Exception as error:  # noqa: BLE001 - any error means that the content is not a workflow
        raise NeedsPerson(
            f"This version cannot read the workflow ({type(error).__name__})",
            to=row.key,
            hint="Apply the workflow's file again, delete the workflow, or use the version of Bucketlift that wrote it.",
        ) from None


def _versions(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    versions = tables.workflow_versions
    return sa.select(
        tables.workflows.c.key,
        tables.workflows.c.slug,
        tables.workflows.c.task_slugs,
        tables.workflows.c.project,
        tables.workflows.c.switched_on_at,
        versions.c.version,
        sa.cast(versions.c.definition, sa.Text).label("definition"),
    ).join(versions, sa.and_(versions.c.workflow == tables.workflows.c.key, which))


def _definition(row: Row) -> Definition:
    switched_on_at = aware(row.switched_on_at)
    assert switched_on_at is not None  # noqa: S101 - the column is not nullable
    return Definition(
        workflow=_workflow(row.definition),
        slug=row.slug,
        task_slugs=row.task_slugs or {},
        version=row.version,
        switched_on_at=switched_on_at,
    )


@lru_cache(maxsize=2_000)
def _workflow(definition: str) -> Workflow:
    """Convert a stored definition.

    The result is cached, because a conversion takes half a millisecond and there may be hundreds of
    workflows.
    """
    return load_workflow(json.loads(definition))


def removed_rows(connection: sa.Connection) -> Sequence[Row]:
    """Return the newest stored version of each deleted workflow."""
    is_newest = tables.workflow_versions.c.version == tables.workflows.c.version
    query = _versions(is_newest).where(tables.workflows.c.deleted_at.is_not(None))
    return connection.execute(query.order_by(tables.workflows.c.key)).all()


def version_of(connection: sa.Connection, workflow: str, version: int) -> Definition:
    """Return a published version of a workflow."""
    query = _versions(tables.workflow_versions.c.version == version)
    return read(connection.execute(query.where(tables.workflows.c.key == workflow)).one())
