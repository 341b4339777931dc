"""The dry run of a workflow on the page. Unpublished changes are included."""

from __future__ import annotations

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from bucketlift.model.load import slug_of
from bucketlift.model.workflow import Definition
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.directory import people
from bucketlift.service.directory.changed_loads import with_notes
from bucketlift.service.editor import documents, drafts


def preview(app: App, workflow: str) -> dict[str, Any]:
    """Preview which files a run would load, and why it would leave the others. Changes nothing.

    Raises:
        AccessRefused, NotFound, StoreUnavailable: a bucket could not be listed.
        DefinitionWrong: the unpublished changes have problems.
        NotFound: there is no such workflow.
    """
    from bucketlift.engine.dry_run import dry_run  # noqa: PLC0415 - slow import

    with tempfile.TemporaryDirectory(prefix="bucketlift-") as folder:
        definition = _definition(app, workflow)
        services = app.services(Path(folder), no_progress)
        looked = dry_run(services, definition, partial(people.opened, app), now=app.now())
    return with_notes(app, definition.workflow, looked)


def _definition(app: App, workflow: str) -> Definition:
    draft = drafts.get(app, workflow)
    if draft.based_on is not None and not draft.changed:
        return app.ledger.catalog.workflow(workflow)
    known = app.ledger.catalog.workflow(workflow) if draft.based_on is not None else None
    return Definition(
        workflow=documents.compiled(app, workflow, draft.document),
        version=draft.based_on or 0,
        slug=known.slug if known else slug_of(workflow),
        switched_on_at=known.switched_on_at if known else app.now(),
        task_slugs=known.task_slugs if known else {},
    )
