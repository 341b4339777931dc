"""Drafts of workflows: documents with the keys of a workflow file, stored until they are published."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Literal

from bucketlift.errors import RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile, Creation, Form, Published, StoredDraft
from bucketlift.model.workflow import Workflow
from bucketlift.rules.workflow_key import free_key, free_title, key_of
from bucketlift.service.core.app import App
from bucketlift.service.destinations.destinations import sealing
from bucketlift.service.editor.documents import DraftProblem, compiled, document_of, problems

TriggerKind = Literal["schedule", "event"]
NEW = "New workflow"
UNDO = "undo"
TRIGGER = "trigger"
"""Name under which the editor stores the kind of trigger that the user chose for a new workflow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A workflow with its unpublished changes."""

    key: str
    document: Form
    changed: bool
    """Whether the draft has unpublished changes."""
    based_on: int | None
    """The published version that the draft changes; None if the workflow was never published."""
    number: int
    """The number of the draft. A change that is based on another number is refused."""
    problems: tuple[DraftProblem, ...]
    project: str | None = None
    """The project whose workflow file owns the workflow. If a project owns it, the page cannot change the
    workflow.
    """
    enabled: bool = False
    changed_at: datetime | None = None
    changed_by: str | None = None

    @property
    def title(self) -> str:
        return str(self.document.get("title") or self.key)


def create(app: App, trigger_kind: TriggerKind, *, by: str | None = None, form: str | None = None) -> str:
    """Create a draft of a new workflow. Returns its key. The workflow does nothing until it is published.

    ``form``: the key of the form. A form that is sent again creates no other workflow.
    """

    def make(taken: Collection[str]) -> tuple[str, Form]:
        title = free_title(NEW, taken)
        return key_of(title), {"title": title, "triggers": [], "tasks": []}

    key = app.ledger.drafts.create(make, by=by, now=app.now(), form=form)
    keep_scratch(app, key, TRIGGER, {"kind": trigger_kind})
    return key


def get(app: App, workflow: str) -> Draft:
    """A workflow with its unpublished changes.

    Raises:
        NotFound: there is no such workflow.
    """
    stored = app.ledger.drafts.get(workflow)
    published = app.ledger.catalog.workflows().get(workflow)
    if published is None and (stored is None or stored.document is None):
        app.ledger.catalog.workflow(workflow)  # raises NotFound
    assert stored is not None or published is not None  # noqa: S101 - raised above otherwise
    known = None if published is None else document_of(published.workflow)
    document = stored.document if stored is not None and stored.document is not None else known
    assert document is not None  # noqa: S101 - one of them exists
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
    creation: Creation | None = None,
    secrets: Mapping[str, str] | None = None,
) -> Draft:
    """Change a draft in one transaction. If the title of an unpublished workflow changes, its key changes
    too.

    ``edit`` gets a copy of the document, which it may modify and return. ``secrets`` are new secrets that the document
    names.

    Raises:
        ChangedMeanwhile: ``number`` is given and is not the draft's current number.
        NotFound: there is no such workflow.
        RequestWrong: a workflow file owns the workflow.
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
        creation=creation,
        seal=sealing(app, secrets or {}),
    )
    return get(app, stored.key)


def made(app: App, workflow: str, form: str) -> Any:
    """What the form with this key made in a workflow; None if it made nothing."""
    stored = app.ledger.drafts.get(workflow)
    return None if stored is None else stored.made(form)


def is_current(app: App, draft: Draft, number: object, form: str = "") -> bool:
    """Whether a form shows the present draft: nothing but this form changed it since its ``number``."""
    if str(draft.number) == number:
        return True
    stored = app.ledger.drafts.get(draft.key)
    before = int(number) if isinstance(number, str) and number.isdecimal() and len(number) < 10 else -1
    return bool(form) and stored is not None and stored.is_only_changed_by(form, before)


def publish(app: App, workflow: str, *, enabled: bool | None = None, over: bool = False) -> int:
    """Publish a draft. Returns the number of the new version. The first version is disabled unless
    ``enabled`` is set.

    ``over``: publish even if another version was published since the draft was started.

    Raises:
        ChangedMeanwhile: another version was published, and ``over`` is not set.
        DefinitionWrong: the draft has problems; see ``Draft.problems``.
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
    based_on = {workflow: None if published is None else published.version}
    app.ledger.catalog.save(workflows=(made,), based_on=based_on, now=app.now())
    version = app.ledger.catalog.workflow(workflow).version
    app.ledger.drafts.published(stored, version)
    return version


def require_unchanged(app: App, workflow: str, number: int | None) -> None:
    """Check that a draft has not changed since the page was loaded. If ``number`` is None, nothing is
    checked.

    Raises:
        ChangedMeanwhile: the draft has another number now.
    """
    stored = app.ledger.drafts.get(workflow)
    if number is not None and number != (stored.number if stored else 0):
        who = stored.changed_by if stored else None
        raise ChangedMeanwhile(f"{who or 'Another user'} changed the workflow meanwhile", to=workflow)


def discard(app: App, workflow: str, *, number: int | None = None) -> None:
    """Discard the unpublished changes. A workflow that was never published is deleted.

    Raises:
        ChangedMeanwhile: ``number`` is given and is not the draft's current number.
    """
    app.ledger.drafts.discard(workflow, number=number)


def scratch(app: App, workflow: str, name: str) -> Form | None:
    """The stored values of an unfinished form; None if there are none."""
    stored = app.ledger.drafts.get(workflow)
    return None if stored is None else stored.scratch.get(name)


def keep_scratch(app: App, workflow: str, name: str, values: Form) -> None:
    """Store the values of an unfinished form, so that they survive a restart of browser or server.

    Raises:
        NotFound: there is no such workflow.
    """
    version = None if app.ledger.drafts.get(workflow) else app.ledger.catalog.workflow(workflow).version
    app.ledger.drafts.keep_scratch(workflow, name, values, version=version, now=app.now())


def drop_scratch(app: App, workflow: str, name: str) -> None:
    if app.ledger.drafts.get(workflow) is not None:
        app.ledger.drafts.keep_scratch(workflow, name, None, version=None, now=app.now())


def keep_undo(app: App, workflow: str, before: Form) -> None:
    """Store the document before the change that was just made, so that it can be undone."""
    keep_scratch(app, workflow, UNDO, {"document": before, "number": get(app, workflow).number})


def undo(app: App, workflow: str, *, by: str | None = None) -> None:
    """Undo the last deletion of a task.

    Raises:
        ChangedMeanwhile: the draft was changed after it.
        RequestWrong: there is nothing to undo.
    """
    kept = scratch(app, workflow, UNDO)
    if kept is None:
        raise RequestWrong("There is nothing to undo", to=workflow, hint="Reload the workflow.")
    change(app, workflow, lambda _: kept["document"], number=kept["number"], by=by)
    drop_scratch(app, workflow, UNDO)


def refuse_owned(workflow: Workflow) -> None:
    """Check that no workflow file owns the workflow.

    Raises:
        RequestWrong: a workflow file owns it.
    """
    if workflow.project is not None:
        raise RequestWrong(
            f"The workflow file of project {workflow.project} owns this workflow",
            to=workflow.title,
            hint="Change the workflow in that file and apply the file, or detach the workflow first.",
        )


def _refuse_newer(app: App, stored: StoredDraft) -> None:
    newest = app.ledger.catalog.workflows().get(stored.key)
    if stored.based_on is None and newest is not None:
        hint = "Rename this workflow."
        raise RequestWrong("There is already a workflow with this name", to=stored.key, hint=hint)
    if newest is not None and is_outdated(app, stored):
        raise ChangedMeanwhile(
            f"Version {newest.version} was published after you started these changes",
            to=newest.workflow.title,
            hint="Publish these changes anyway, or discard them.",
        )


def is_outdated(app: App, stored: StoredDraft) -> bool:
    """Whether the published document now differs from the document that the draft changed.

    Whether the workflow is enabled is not compared, because this is not part of a draft.
    """
    newest = app.ledger.catalog.workflows().get(stored.key)
    if newest is None or stored.based_on is None or stored.based_on == newest.version:
        return False
    known = document_of(app.ledger.catalog.version(stored.key, stored.based_on).workflow)
    return known != document_of(newest.workflow)
