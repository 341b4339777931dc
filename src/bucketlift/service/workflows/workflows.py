"""Lists workflows, and runs, publishes, duplicates, deletes, detaches and exports them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from bucketlift.errors import RequestWrong
from bucketlift.ledger.workflows.catalog import Removed
from bucketlift.ledger.workflows.drafts import Form, StoredDraft
from bucketlift.ledger.workflows.overview import LastRun
from bucketlift.model.run import Run
from bucketlift.rules.following import followed
from bucketlift.rules.workflow_key import free_key
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.runs import runs
from bucketlift.service.workflows import events, triggers
from bucketlift.service.workflows.schedules import next_runs, triggers_in_words
from bucketlift.yaml_text import emit


class State(StrEnum):
    ON = "on"
    OFF = "off"
    DRAFT = "draft"
    """The state of a workflow that was never published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedWorkflow:
    """One workflow in the list of workflows."""

    key: str
    title: str
    state: State
    project: str | None = None
    changed: bool = False
    """Whether the workflow has unpublished changes."""
    begins: tuple[str, ...] = ()
    last: LastRun | None = None
    next: datetime | None = None
    held: int = 0
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletePreview:
    """What would happen if a workflow were deleted."""

    pending: int
    """The number of delayed actions that would be dropped."""
    held: int
    followers: tuple[str, ...]
    """Workflows that start after this workflow. They would not be started any more."""
    runs: int
    """The number of runs that would be cancelled."""


def listed(app: App, query: str = "", *, brief: bool = False) -> tuple[ListedWorkflow, ...]:
    """The workflows whose title, key, project or tags contain the words of ``query``, ordered by title.

    ``brief``: leave out triggers, last and next runs, which take most of the time.
    """
    begun = {each.key: each for each in app.ledger.drafts.all() if each.document is not None}
    lines = [
        *_published(app, begun, brief=brief),
        *(_draft(each, app.now()) for each in begun.values() if each.based_on is None),
    ]
    return matching(sorted(lines, key=lambda line: line.title.lower()), query)


def matching(lines: Iterable[ListedWorkflow], query: str) -> tuple[ListedWorkflow, ...]:
    """The lines whose title, key, project or tags contain the words of ``query``."""
    return tuple(each for each in lines if _matches(each, query))


def run_now(app: App, workflow: str) -> Run:
    """Queue a run. A workflow that was never published is published first, and stays disabled.

    Raises:
        DefinitionWrong: the draft has problems.
        NotFound: there is no such workflow.
        RequestWrong: no live worker can execute the run.
    """
    if drafts.get(app, workflow).based_on is None:
        drafts.publish(app, workflow)
    return runs.leave(app, workflow)


def use_changes(app: App, workflow: str, *, over: bool = False) -> None:
    """Publish a draft, and delete the secrets of events that it removes.

    Raises: as in ``drafts.publish``.
    """
    before = app.ledger.catalog.workflows().get(workflow)
    drafts.publish(app, workflow, over=over)
    if before is not None:
        events.forget(app, documents.document_of(before.workflow), but=drafts.get(app, workflow).document)


def drop_changes(app: App, workflow: str, *, number: int | None = None) -> bool:
    """Discard a draft, and delete the secrets of events that only the draft has. Returns whether a published
    version exists.

    Raises: as in ``drafts.discard``.
    """
    draft = drafts.get(app, workflow)
    published = app.ledger.catalog.workflows().get(workflow)
    drafts.discard(app, workflow, number=number)
    events.forget(
        app, draft.document, but=None if published is None else documents.document_of(published.workflow)
    )
    return published is not None


def duplicate(app: App, workflow: str, *, by: str | None = None) -> str:
    """Duplicate a workflow. Returns the key of the new one. HTTP events and webhooks of notices are not copied, because
    workflows do not share secrets.

    Raises:
        NotFound: there is no such workflow.
    """
    draft = drafts.get(app, workflow)
    title = f"{draft.title} (copy)"
    copied = documents.copy_without_secrets(draft.document) | {"title": title}
    return app.ledger.drafts.create(lambda taken: (free_key(title, taken), copied), by=by, now=app.now())


def before_deleting(app: App, workflow: str) -> DeletePreview:
    followers = [each for each in app.ledger.catalog.readable() if workflow in followed(each)]
    return DeletePreview(
        pending=app.ledger.overview.pending_actions(workflow),
        held=app.ledger.counts.attention(workflow),
        followers=tuple(each.title for each in followers),
        runs=len(app.ledger.runs.unfinished(workflow)),
    )


def delete(app: App, workflow: str) -> None:
    """Delete a workflow, and cancel its queued and running runs. The ledger keeps its history.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: a workflow file owns the workflow.
    """
    draft = drafts.get(app, workflow)
    published = app.ledger.catalog.workflows().get(workflow)
    if published is not None:
        drafts.refuse_owned(published.workflow)
        app.ledger.catalog.save(removed=Removed(workflows=(workflow,)), now=app.now())
        _cancel_runs(app, workflow)
        events.forget(app, documents.document_of(published.workflow))
    app.ledger.drafts.remove(workflow)
    events.forget(app, draft.document)


def _cancel_runs(app: App, workflow: str) -> None:
    """Cancel the runs of a workflow. Call this after the workflow was removed, because then no new run can be
    queued.
    """
    for run in app.ledger.runs.unfinished(workflow):
        with suppress(RequestWrong):  # the run has ended in the meantime
            runs.cancel(app, run.id)


def detach(app: App, workflow: str) -> None:
    """Detach a workflow from its workflow file, so that users can edit it on the page.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: no workflow file owns the workflow.
    """
    found = app.ledger.catalog.workflow(workflow).workflow
    if found.project is None:
        raise RequestWrong("No workflow file owns this workflow", to=found.title)
    app.ledger.catalog.save(workflows=(replace(found, project=None),), now=app.now())


def exported(app: App, workflow: str) -> str:
    """A workflow with its unpublished changes, as a workflow file. Accounts and destinations are only named,
    not included.

    Raises:
        NotFound: there is no such workflow.
    """
    draft = drafts.get(app, workflow)
    document: Form = {key: value for key, value in draft.document.items() if value not in ([], {})}
    whole = document | {"enabled": draft.enabled, "tasks": draft.document.get("tasks", [])}
    return emit({"version": 1, "project": draft.project or workflow, "workflows": {workflow: whole}})


def _published(app: App, begun: Mapping[str, StoredDraft], *, brief: bool) -> list[ListedWorkflow]:
    last = {} if brief else app.ledger.overview.last_runs()
    held, now = app.ledger.overview.attention(), app.now()
    lines = []
    for key, each in app.ledger.catalog.workflows().items():
        flow = each.workflow
        coming = () if brief else next_runs(flow, now, 1)
        lines.append(
            ListedWorkflow(
                key=key,
                title=flow.title,
                state=State.ON if flow.enabled else State.OFF,
                project=flow.project,
                changed=key in begun,
                begins=() if brief else tuple(_sentence(words) for words in triggers_in_words(flow)),
                last=last.get(key),
                next=coming[0] if coming else None,
                held=held.get(key, 0),
                tags=flow.tags,
            )
        )
    return lines


def _draft(draft: StoredDraft, now: datetime) -> ListedWorkflow:
    document = draft.document or {}
    return ListedWorkflow(
        key=draft.key,
        title=str(document.get("title") or draft.key),
        state=State.DRAFT,
        begins=tuple(card.words for card in triggers.cards(document, now)),
        tags=tuple(str(each) for each in document.get("tags") or ()),
    )


def _matches(line: ListedWorkflow, query: str) -> bool:
    text = " ".join((line.title, line.key, line.project or "", *line.tags)).casefold()
    return all(word in text for word in query.casefold().split())


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
