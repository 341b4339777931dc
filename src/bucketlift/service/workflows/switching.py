"""Switching a workflow on and off; before the first time, what would be done with what lies in the bucket."""

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

Begin = Literal["all", "now"]
MANY = 100_000
"""Objects that are counted; more are told as more."""
PATIENCE = 5.0
"""Seconds after which the rest of a bucket is not waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """What lies ahead of one extract task."""

    task: ExtractTask
    objects: int = 0
    bytes: int = 0
    whole: bool = True
    """False: there is more than was counted."""
    reach: Reach
    """The folders that its prefix reaches, as far as they were counted."""
    error: BucketliftError | None = None
    """Why its bucket could not be listed."""


def is_first(app: App, workflow: Workflow) -> bool:
    """Whether no extract task of it has ever listed its bucket."""
    return all(app.ledger.survey.first_listed_at(workflow.key, task.id) is None for task in workflow.extracts)


def ahead(app: App, workflow: Workflow, tasks: Collection[str] | None = None) -> tuple[Ahead, ...]:
    """What its tasks, or these of them, would find now, by real listings; nothing is written."""
    until = time.monotonic() + PATIENCE
    chosen = [task for task in workflow.extracts if tasks is None or task.id in tasks]
    return tuple(_ahead(app, workflow.key, task, until) for task in chosen)


def several_folders(app: App, workflow: Workflow) -> tuple[tuple[str, Reach], ...]:
    """What the tasks of a workflow that never listed its buckets reach unexpectedly; a bucket that fails is left out.

    Only tasks whose prefix may end inside a name are listed.
    """
    partial = {task.id for task in workflow.extracts if is_partial(task.selection.prefix)}
    if not partial or not is_first(app, workflow):
        return ()
    return tuple(
        (each.task.id, each.reach) for each in ahead(app, workflow, partial) if each.reach.is_several
    )


def reaching_further(app: App, workflow: str) -> tuple[Workflow, frozenset[str]]:
    """A draft as it would be used, and its extract tasks that would look where the version in use does not.

    A workflow that never listed a bucket is asked about when it is switched on, not here.

    Raises:
        DefinitionWrong: it does not compile.
    """
    draft = drafts.get(app, workflow)
    wanted = documents.compiled(app, workflow, draft.document)
    if draft.based_on is None or is_first(app, published := app.ledger.catalog.workflow(workflow).workflow):
        return wanted, frozenset()
    before = {task.id: (task.account, task.selection) for task in published.extracts}
    further = {task.id for task in wanted.extracts if before.get(task.id) != (task.account, task.selection)}
    return wanted, frozenset(further)


def would_run(app: App, workflow: str) -> Workflow:
    """The workflow as switching it on would put it to use.

    Raises:
        DefinitionWrong: it does not compile.
        NotFound: there is no such workflow.
    """
    draft = drafts.get(app, workflow)
    if draft.based_on is not None:
        return app.ledger.catalog.workflow(workflow).workflow
    return documents.compiled(app, workflow, draft.document)


def switch_on(app: App, workflow: str, begin: Begin | None = None, *, by: str | None = None) -> None:
    """Switch its triggers on; a workflow never published is put to use.

    ``begin``: with all that lies there, or only with what arrives from now on; None leaves it as it is.

    Raises:
        DefinitionWrong: it does not compile.
        NotFound: there is no such workflow.
        RequestWrong: a workflow file owns it, and says where it begins.
    """
    draft = drafts.get(app, workflow)
    if begin is None and draft.based_on is not None:
        app.ledger.catalog.enable(workflow, enabled=True, now=app.now())
        return
    if begin is not None and draft.project is not None:
        raise RequestWrong(
            f"The workflow file of project {draft.project} says where it begins",
            to=draft.title,
            hint="Set `start` of its extract there and apply it, or detach the workflow.",
        )
    if draft.based_on is not None:
        _begin_published(app, draft, begin, by)
        return
    drafts.change(app, workflow, lambda document: _beginning(document, begin), by=by)
    drafts.publish(app, workflow, enabled=True)


def switch_off(app: App, workflow: str) -> None:
    """Its triggers begin nothing any more; a run that is begun goes on, and actions are still done.

    Raises:
        NotFound: there is no such workflow.
    """
    app.ledger.catalog.enable(workflow, enabled=False, now=app.now())


def _begin_published(app: App, draft: Draft, begin: Begin | None, by: str | None) -> None:
    """On, with another beginning: what else was changed still rests, now on this version."""
    before = app.ledger.drafts.get(draft.key)
    follows = before is not None and (before.document is None or not drafts.is_outdated(app, before))
    if draft.changed:
        drafts.change(app, draft.key, lambda document: _beginning(document, begin), by=by)
    published = documents.document_of(app.ledger.catalog.workflow(draft.key).workflow)
    app.ledger.catalog.save(
        workflows=(documents.compiled(app, draft.key, _beginning(published, begin)),), now=app.now()
    )
    if before is not None and follows:  # else whoever uses the changes is still to be asked
        app.ledger.drafts.published(before, app.ledger.catalog.workflow(draft.key).version)


def _beginning(document: Form, begin: Begin | None) -> Form:
    if begin is None:
        return document
    return document | {"tasks": [_task(task, begin) for task in document.get("tasks", ())]}


def _task(task: Form, begin: Begin) -> Form:
    if "extract" not in task:
        return task
    extract = {key: value for key, value in task["extract"].items() if key != "start"}
    return task | {"extract": extract | ({"start": "now"} if begin == "now" else {})}


def _ahead(app: App, workflow: str, task: ExtractTask, until: float) -> Ahead:
    objects = size = 0
    reach = Reach(prefix=task.selection.prefix)
    try:
        for listed in app.connections.store(workflow, task).find(task.selection):
            if objects >= MANY or time.monotonic() > until:
                return Ahead(task=task, objects=objects, bytes=size, reach=reach, whole=False)
            if unselected(listed, task) is None:
                objects, size = objects + 1, size + listed.size
                reach.add(listed.key)
    except BucketliftError as error:
        return Ahead(task=task, reach=reach, error=error)
    return Ahead(task=task, objects=objects, bytes=size, reach=reach)
