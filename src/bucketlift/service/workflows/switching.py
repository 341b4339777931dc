"""Switches workflows on and off, and previews the files before a workflow is switched on for the first time."""

from __future__ import annotations

import time
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.rules.decision import unselected
from bucketlift.rules.reach import Reach, is_partial
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.editor.drafts import Draft

Start = Literal["all", "now"]
MANY = 100_000
"""Maximum number of objects that are counted."""
TIMEOUT = 5.0
"""Maximum number of seconds that are spent on counting objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpcomingFiles:
    """The files that an extract task would load if it ran now."""

    task: ExtractTask
    objects: int = 0
    bytes: int = 0
    whole: bool = True
    """Whether all objects were counted before a limit was reached."""
    reach: Reach
    """The folders that the task's prefix matches, among the counted objects."""
    error: BucketliftError | None = None
    """Why the task's bucket could not be listed; None if it was listed."""


def is_first(app: App, workflow: Workflow) -> bool:
    """Whether no extract task of the workflow has ever listed its bucket."""
    return all(app.ledger.survey.first_listed_at(workflow.key, task.id) is None for task in workflow.extracts)


def upcoming_files(
    app: App, workflow: Workflow, tasks: Collection[str] | None = None
) -> tuple[UpcomingFiles, ...]:
    """For each extract task, or for the given ones, list the files that it would load now. Changes nothing."""
    until = time.monotonic() + TIMEOUT
    chosen = [task for task in workflow.extracts if tasks is None or task.id in tasks]
    return tuple(_upcoming_files(app, workflow.key, task, until) for task in chosen)


def several_folders(app: App, workflow: Workflow) -> tuple[tuple[str, Reach], ...]:
    """The tasks whose prefix matches several folders, for a workflow that never listed its buckets.

    Only prefixes without a final slash are listed. A bucket that cannot be listed is ignored.
    """
    partial = {task.id for task in workflow.extracts if is_partial(task.selection.prefix)}
    if not partial or not is_first(app, workflow):
        return ()
    return tuple(
        (each.task.id, each.reach) for each in upcoming_files(app, workflow, partial) if each.reach.is_several
    )


def with_new_selection(app: App, workflow: str) -> tuple[Workflow, frozenset[str]]:
    """The compiled draft, and its extract tasks that select other files than the published version.

    Returns no tasks for a workflow that never listed a bucket, because a person confirms its selection when
    they switch it on.

    Raises:
        DefinitionWrong: the draft has problems.
    """
    draft = drafts.get(app, workflow)
    wanted = documents.compiled(app, workflow, draft.document)
    if draft.based_on is None or is_first(app, published := app.ledger.catalog.workflow(workflow).workflow):
        return wanted, frozenset()
    before = {task.id: (task.account, task.selection) for task in published.extracts}
    further = {task.id for task in wanted.extracts if before.get(task.id) != (task.account, task.selection)}
    return wanted, frozenset(further)


def would_run(app: App, workflow: str) -> Workflow:
    """The workflow as it would run after it is switched on.

    Raises:
        DefinitionWrong: the draft has problems.
        NotFound: there is no such workflow.
    """
    draft = drafts.get(app, workflow)
    if draft.based_on is not None:
        return app.ledger.catalog.workflow(workflow).workflow
    return documents.compiled(app, workflow, draft.document)


def switch_on(app: App, workflow: str, begin: Start | None = None, *, by: str | None = None) -> None:
    """Enable the triggers of a workflow. A workflow that was never published is published.

    ``begin``: load ``all`` files, or only files that are new from ``now`` on; None keeps the current setting.

    Raises:
        DefinitionWrong: the draft has problems.
        NotFound: there is no such workflow.
        RequestWrong: a workflow file owns the workflow and sets ``start``.
    """
    draft = drafts.get(app, workflow)
    if begin is None and draft.based_on is not None:
        app.ledger.catalog.enable(workflow, enabled=True, now=app.now())
        return
    if begin is not None and draft.project is not None:
        raise RequestWrong(
            f"The workflow file of project {draft.project} sets where this workflow starts",
            to=draft.title,
            hint="Set `start` of its extract in that file and apply the file, or detach the workflow.",
        )
    if draft.based_on is not None:
        _begin_published(app, draft, begin, by)
        return
    drafts.change(app, workflow, lambda document: _beginning(document, begin), by=by)
    drafts.publish(app, workflow, enabled=True)


def switch_off(app: App, workflow: str) -> None:
    """Disable the triggers of a workflow. A running run continues, and delayed actions are still executed.

    Raises:
        NotFound: there is no such workflow.
    """
    app.ledger.catalog.enable(workflow, enabled=False, now=app.now())


def _begin_published(app: App, draft: Draft, begin: Start | None, by: str | None) -> None:
    """Switch on a published workflow. ``begin``: whether all files are loaded or only new ones; None changes
    nothing. Other changes of the draft stay unpublished.
    """
    before = app.ledger.drafts.get(draft.key)
    follows = before is not None and (before.document is None or not drafts.is_outdated(app, before))
    if draft.changed:
        drafts.change(app, draft.key, lambda document: _beginning(document, begin), by=by)
    published = documents.document_of(app.ledger.catalog.workflow(draft.key).workflow)
    app.ledger.catalog.save(
        workflows=(documents.compiled(app, draft.key, _beginning(published, begin)),), now=app.now()
    )
    if before is not None and follows:  # an outdated draft must still ask for a confirmation
        app.ledger.drafts.published(before, app.ledger.catalog.workflow(draft.key).version)


def _beginning(document: Form, begin: Start | None) -> Form:
    if begin is None:
        return document
    return document | {"tasks": [_task(task, begin) for task in document.get("tasks", ())]}


def _task(task: Form, begin: Start) -> Form:
    if "extract" not in task:
        return task
    extract = {key: value for key, value in task["extract"].items() if key != "start"}
    return task | {"extract": extract | ({"start": "now"} if begin == "now" else {})}


def _upcoming_files(app: App, workflow: str, task: ExtractTask, until: float) -> UpcomingFiles:
    objects = size = 0
    reach = Reach(prefix=task.selection.prefix)
    try:
        for listed in app.connections.store(workflow, task).find(task.selection):
            if objects >= MANY or time.monotonic() > until:
                return UpcomingFiles(task=task, objects=objects, bytes=size, reach=reach, whole=False)
            if unselected(listed, task) is None:
                objects, size = objects + 1, size + listed.size
                reach.add(listed.key)
    except BucketliftError as error:
        return UpcomingFiles(task=task, reach=reach, error=error)
    return UpcomingFiles(task=task, objects=objects, bytes=size, reach=reach)
