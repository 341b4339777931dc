"""Workflows as the page changes them: a document like one in a workflow file, until it is put to use."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from bucketlift.errors import RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile, Form, Published, StoredDraft
from bucketlift.model.workflow import Workflow
from bucketlift.rules.workflow_key import free_key, free_title, key_of
from bucketlift.service.core.app import App
from bucketlift.service.editor.documents import DraftProblem, compiled, document_of, problems

TriggerKind = Literal["schedule", "event"]
NEW = "New workflow"
TRIGGER = "trigger"
"""The scratch that says which kind of trigger somebody chose at the beginning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A workflow as somebody sees and changes it."""

    key: str
    document: Form
    changed: bool
    """Whether there is something that is not in use."""
    based_on: int | None
    """The published version; None of a workflow never published."""
    number: int
    """A change that rests on another number is refused."""
    problems: tuple[DraftProblem, ...]
    project: str | None = None
    """Of the workflow file that owns it: then it cannot be changed here."""
    enabled: bool = False
    changed_at: datetime | None = None
    changed_by: str | None = None

    @property
    def title(self) -> str:
        return str(self.document.get("title") or self.key)


def create(app: App, trigger_kind: TriggerKind, *, by: str | None = None) -> str:
    """Begin a workflow, and say its key. It does nothing until it is published."""

    def make(taken: Collection[str]) -> tuple[str, Form]:
        title = free_title(NEW, taken)
        return key_of(title), {"title": title, "triggers": [], "tasks": []}

    key = app.ledger.drafts.create(make, by=by, now=app.now())
    keep_scratch(app, key, TRIGGER, {"kind": trigger_kind})
    return key


def get(app: App, workflow: str) -> Draft:
    """A workflow with its changes; as it is published where there are none.

    Raises:
        NotFound: there is no such workflow.
    """
    stored = app.ledger.drafts.get(workflow)
    published = app.ledger.catalog.workflows().get(workflow)
    if published is None and (stored is None or stored.document is None):
        app.ledger.catalog.workflow(workflow)  # raises
    assert stored is not None or published is not None  # noqa: S101 - else it was raised
    known = None if published is None else document_of(published.workflow)
    document = stored.document if stored is not None and stored.document is not None else known
    assert document is not None  # noqa: S101 - one of both is there
    return Draft(
        key=workflow,
        document=document,
        changed=document != known,
        based_on=None if published is None else published.version,
        number=stored.number if stored else 0,
        problems=problems(app, workflow, document),
        project=published.workflow.project if published else None,
        enabled=published is not None and published.workflow.enabled,
        changed_at=stored.changed_at if stored else None,
        changed_by=stored.changed_by if stored else None,
    )


def change(
    app: App,
    workflow: str,
    edit: Callable[[Form], Form],
    *,
    number: int | None = None,
    by: str | None = None,
) -> Draft:
    """Read, change and write a draft at once. Its key may be another one after its title was changed.

    ``edit`` gets a document of its own, which it may change and give back.

    Raises:
        ChangedMeanwhile: ``number`` is given, and the draft has another one by now.
        NotFound: there is no such workflow.
        RequestWrong: a workflow file owns it.
    """
    published = app.ledger.catalog.workflows().get(workflow)
    if published is not None:
        refuse_owned(published.workflow)
    stored = app.ledger.drafts.change(
        workflow,
        lambda document: edit(json.loads(json.dumps(document))),
        published=None
        if published is None
        else Published(document=document_of(published.workflow), version=published.version),
        rekey=lambda document, taken: free_key(str(document.get("title", "")), taken),
        number=number,
        by=by,
        now=app.now(),
    )
    return get(app, stored.key)


def publish(app: App, workflow: str, *, enabled: bool | None = None, over: bool = False) -> int:
    """Put a draft to use, and say the version. A workflow's first is off unless ``enabled`` says otherwise.

    ``over``: also where another version was published since the draft was begun.

    Raises:
        ChangedMeanwhile: one was, and ``over`` does not say so.
        DefinitionWrong: it does not compile; ``problems`` of the draft say why.
        NotFound: there is no such workflow.
    """
    stored = app.ledger.drafts.get(workflow)
    published = app.ledger.catalog.workflows().get(workflow)
    if stored is None or stored.document is None:
        return app.ledger.catalog.workflow(workflow).version
    if published is not None:
        refuse_owned(published.workflow)
    if not over:
        _refuse_newer(app, stored)
    on = published is not None and published.workflow.enabled if enabled is None else enabled
    made = replace(compiled(app, workflow, stored.document), enabled=on)
    rests_on = {workflow: None if published is None else published.version}
    app.ledger.catalog.save(workflows=(made,), based_on=rests_on, now=app.now())
    version = app.ledger.catalog.workflow(workflow).version
    app.ledger.drafts.published(stored, version)
    return version


def require_seen(app: App, workflow: str, number: int | None) -> None:
    """Whether a draft is the one that somebody saw; None: it is not said which.

    Raises:
        ChangedMeanwhile: it has another number by now.
    """
    stored = app.ledger.drafts.get(workflow)
    if number is not None and number != (stored.number if stored else 0):
        who = stored.changed_by if stored else None
        raise ChangedMeanwhile(f"{who or 'Another user'} changed the workflow meanwhile", to=workflow)


def discard(app: App, workflow: str, *, number: int | None = None) -> None:
    """Forget the changes; a workflow never published is gone then.

    Raises:
        ChangedMeanwhile: as ``change``.
    """
    app.ledger.drafts.discard(workflow, number=number)


def scratch(app: App, workflow: str, name: str) -> Form | None:
    """What a half-filled form of a workflow knows."""
    stored = app.ledger.drafts.get(workflow)
    return None if stored is None else stored.scratch.get(name)


def keep_scratch(app: App, workflow: str, name: str, values: Form) -> None:
    """Keep it over restarts of browser and server.

    Raises:
        NotFound: there is no such workflow.
    """
    version = None if app.ledger.drafts.get(workflow) else app.ledger.catalog.workflow(workflow).version
    app.ledger.drafts.keep_scratch(workflow, name, values, version=version, now=app.now())


def drop_scratch(app: App, workflow: str, name: str) -> None:
    if app.ledger.drafts.get(workflow) is not None:
        app.ledger.drafts.keep_scratch(workflow, name, None, version=None, now=app.now())


def refuse_owned(workflow: Workflow) -> None:
    """A workflow of a file is changed there.

    Raises:
        RequestWrong: it is.
    """
    if workflow.project is not None:
        raise RequestWrong(
            f"The workflow file of project {workflow.project} owns this workflow",
            to=workflow.title,
            hint="Change it in that file and apply it, or detach it from the file first.",
        )


def _refuse_newer(app: App, stored: StoredDraft) -> None:
    newest = app.ledger.catalog.workflows().get(stored.key)
    if stored.based_on is None and newest is not None:
        hint = "Rename this one; a title gives it another key."
        raise RequestWrong("There is a workflow of this name by now", to=stored.key, hint=hint)
    if newest is not None and is_outdated(app, stored):
        raise ChangedMeanwhile(
            f"Version {newest.version} was put to use since these changes were begun",
            to=newest.workflow.title,
            hint="Use these changes in its place, or discard them.",
        )


def is_outdated(app: App, stored: StoredDraft) -> bool:
    """Whether what is in use says something else than when the changes were begun.

    The switch is no change: a draft knows nothing of it.
    """
    newest = app.ledger.catalog.workflows().get(stored.key)
    if newest is None or stored.based_on is None or stored.based_on == newest.version:
        return False
    known = document_of(app.ledger.catalog.version(stored.key, stored.based_on).workflow)
    return known != document_of(newest.workflow)
