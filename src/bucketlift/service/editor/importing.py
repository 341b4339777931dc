"""Imports workflows from a workflow file as drafts of the page."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from bucketlift.definition.parse import parse
from bucketlift.errors import RequestWrong
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.rules.workflow_key import free_key
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.editor.documents import DraftProblem, compiled, document_of, problems

NAME = "the file"
_NOT_IN_DRAFTS = ("enabled", "renamed_from")


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """A workflow of a file, and what its import would do."""

    key: str
    title: str
    tasks: tuple[str, ...]
    """The IDs of its tasks, in their order."""
    document: Form | None
    """The document of the draft; None if the workflow has problems."""
    changes: bool
    """Whether the import changes a workflow of the page with this key; otherwise, it creates a workflow."""
    problems: tuple[DraftProblem, ...] = ()


def plan(app: App, content: bytes) -> tuple[Import, ...]:
    """What the import of a workflow file would do. Changes nothing.

    The accounts and destinations of the file are not imported: its workflows use those of the installation
    that have the same names.

    Raises:
        DefinitionWrong: the content is not a workflow file; the error contains all problems, with lines.
    """
    parsed = parse(content, name=NAME, folder=Path())
    workflows: dict[str, Form] = parsed.located.value.get("workflows") or {}
    if not workflows:
        hint = "Export a workflow to see an example."
        raise RequestWrong("The file contains no workflow", to=NAME, hint=hint)
    return tuple(_planned(app, key, form) for key, form in workflows.items())


def create(app: App, content: bytes, *, by: str | None = None) -> tuple[str, ...]:
    """Import the workflows of a file as unpublished changes. Returns the keys of the drafts.

    Raises:
        DefinitionWrong: the content is not a workflow file.
        RequestWrong: a workflow has problems; nothing is imported.
    """
    planned = plan(app, content)
    for each in planned:
        if each.document is None:
            raise RequestWrong(
                "A workflow of the file has problems",
                to=each.title,
                hint="Fix them first; nothing is imported.",
            )
    return tuple(_imported(app, each, by) for each in planned)


def _planned(app: App, key: str, form: Form) -> Import:
    document = {name: value for name, value in form.items() if name not in _NOT_IN_DRAFTS}
    found = problems(app, key, document)
    known = app.ledger.catalog.workflows().get(key)
    return Import(
        key=key,
        title=str(form.get("title") or key),
        tasks=tuple(str(task.get("id", "")) for task in form.get("tasks", ())),
        document=None if found else document_of(compiled(app, key, document)),
        changes=known is not None and known.workflow.project is None,
        problems=found,
    )


def _imported(app: App, each: Import, by: str | None) -> str:
    document = each.document
    assert document is not None  # noqa: S101 - create() has checked it
    if each.changes:
        return drafts.change(app, each.key, lambda _: document, by=by).key

    def make(taken: Collection[str]) -> tuple[str, Form]:
        return free_key(each.title, taken), document

    return app.ledger.drafts.create(make, by=by, now=app.now())
