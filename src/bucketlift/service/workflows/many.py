"""Switches several workflows on or off, or runs them: one failure does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import switching, workflows

MOST = 500
"""Maximum number of workflows in one action."""
Action = Callable[[App, str, str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyResult:
    """The result of an action on one workflow."""

    key: str
    title: str
    error: BucketliftError | None = None


def act(app: App, action: str, chosen: Sequence[str], *, by: str) -> tuple[ManyResult, ...]:
    """Apply the action ``on``, ``off`` or ``run`` to each workflow.

    Raises:
        RequestWrong: there is no such action, or no workflow is selected.
    """
    if action not in ACTIONS:
        raise RequestWrong("Unknown action", to=action, hint=f"Use one of {', '.join(ACTIONS)}.")
    if not chosen:
        raise RequestWrong("No workflow is selected", hint="Select the workflows first.")
    return tuple(_act(app, ACTIONS[action], each, by) for each in dict.fromkeys(chosen[:MOST]))


def _act(app: App, action: Action, workflow: str, by: str) -> ManyResult:
    title = workflow
    try:
        title = drafts.get(app, workflow).title
        action(app, workflow, by)
    except BucketliftError as error:
        return ManyResult(key=workflow, title=title, error=error)
    return ManyResult(key=workflow, title=title)


def _on(app: App, workflow: str, by: str) -> None:
    _refuse_first(app, workflow, "switch it on")
    switching.switch_on(app, workflow, by=by)


def _off(app: App, workflow: str, by: str) -> None:  # noqa: ARG001 - the shape of every action
    switching.switch_off(app, workflow)


def _run(app: App, workflow: str, by: str) -> None:  # noqa: ARG001 - as above
    if not drafts.get(app, workflow).enabled:
        _refuse_first(app, workflow, "run it")
    workflows.run_now(app, workflow)


def _refuse_first(app: App, workflow: str, what: str) -> None:
    """Refuse a workflow that never listed its bucket: a person decides on its own page which files it loads."""
    draft = drafts.get(app, workflow)
    if draft.project is None and switching.is_first(app, switching.would_run(app, workflow)):
        raise RequestWrong(
            "This workflow never ran",
            to=draft.title,
            hint=f"Open the workflow to {what} for the first time. The page then shows the files that it would load.",
        )


ACTIONS: dict[str, Action] = {"on": _on, "off": _off, "run": _run}
