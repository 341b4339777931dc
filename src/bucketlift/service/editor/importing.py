"""Imports workflows from a workflow file as drafts of the page."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bucketlift.definition.parse import parse
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.model.user import User
from bucketlift.rules.workflow_key import free_key
from bucketlift.service.accounts import sharing
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.editor.documents import (
    DraftProblem,
    compiled,
    copy_without_secrets,
    document_of,
    problems,
)
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.secrets.references import secret_references

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
    changes: Draft | None
    """The workflow of the page with this key, which the import changes; None if it creates a workflow."""
    left_out: bool
    """Whether HTTP events, and recipients of notices that need a secret, are not imported."""
    problems: tuple[DraftProblem, ...] = ()


def plan(app: App, user: User, content: bytes) -> tuple[Import, ...]:
    """What the import of a workflow file would do. Changes nothing.

    The accounts and destinations of the file are not imported: its workflows use those of the installation
    that have the same names. The user must be able to use the accounts. A secret may only be named where
    the workflow of the page already names it.

    Raises:
        DefinitionWrong: the content is not a workflow file; the error contains all problems, with lines.
        RequestWrong: the file contains no workflow.
    """
    parsed = parse(content, name=NAME, folder=Path())
    workflows: dict[str, Form] = parsed.located.value.get("workflows") or {}
    if not workflows:
        hint = "Export a workflow to see an example."
        raise RequestWrong("The file contains no workflow", to=NAME, hint=hint)
    return tuple(_planned(app, user, key, form) for key, form in workflows.items())


def create(app: App, user: User, content: bytes, *, numbers: Mapping[str, int], form: str) -> tuple[str, ...]:
    """Import the workflows of a file as unpublished changes. Returns the keys of the drafts.

    ``numbers``: for each workflow that is changed, the number of its draft when the plan was shown.
    ``form``: the key of the form. A form that is sent again creates no other workflow.

    Raises:
        ChangedMeanwhile: another user changed one of the workflows meanwhile.
        DefinitionWrong: the content is not a workflow file.
        RequestWrong: a workflow has problems; nothing is imported.
    """
    planned = plan(app, user, content)
    for each in planned:
        if each.document is None:
            hint = "Fix them first; nothing is imported."
            raise RequestWrong("A workflow of the file has problems", to=each.title, hint=hint)
        if each.changes is not None:
            drafts.require_unchanged(app, each.key, numbers.get(each.key, -1))
    return tuple(
        _imported(app, each, user.name, numbers, f"{form}-{position}")
        for position, each in enumerate(planned)
    )


def _planned(app: App, user: User, key: str, form: Form) -> Import:
    known = _changed_draft(app, key)
    wanted = {name: value for name, value in form.items() if name not in _NOT_IN_DRAFTS}
    document = wanted if known is not None else copy_without_secrets(wanted)
    found = (*_not_allowed(app, user, document, known), *problems(app, key, document))
    return Import(
        key=key,
        title=str(form.get("title") or key),
        tasks=tuple(str(task.get("id", "")) for task in form.get("tasks", ())),
        document=None if found else document_of(compiled(app, key, document)),
        changes=known,
        left_out=set(secret_references(wanted)) != set(secret_references(document)),
        problems=found,
    )


def _changed_draft(app: App, key: str) -> Draft | None:
    published = app.ledger.catalog.workflows().get(key)
    if published is None or published.workflow.project is not None:
        return None
    return drafts.get(app, key)


def _not_allowed(app: App, user: User, document: Form, known: Draft | None) -> Iterator[DraftProblem]:
    """What the user must not bring into a draft by a file: others' accounts, and secrets by their names."""
    before: Form = {} if known is None else known.document
    for position, account in sorted(_accounts(document).items()):
        if account not in _accounts(before).values():
            try:
                sharing.require_usable(app, user, account)
            except NotFound as error:
                yield DraftProblem(
                    path=("tasks", position, "extract", "account"),
                    what=f"{error.what}: {account}",
                    hint=error.hint,
                )
    for source, name in sorted(set(secret_references(document)) - set(secret_references(before))):
        what = f"The file names a secret ({source}: {name})"
        yield DraftProblem(
            path=(), what=what, hint="Remove it from the file, and set it on the page afterwards."
        )


def _accounts(document: Form) -> dict[int, str]:
    """The account of each extract task, by the position of the task."""
    return {
        position: str(task["extract"]["account"])
        for position, task in enumerate(document.get("tasks") or ())
        if isinstance(task.get("extract"), dict) and "account" in task["extract"]
    }


def _imported(app: App, each: Import, by: str, numbers: Mapping[str, int], form: str) -> str:
    document = each.document
    assert document is not None  # noqa: S101 - create() has checked it
    if each.changes is not None:
        return drafts.change(app, each.key, lambda _: document, number=numbers[each.key], by=by).key

    def make(taken: Collection[str]) -> tuple[str, Form]:
        return free_key(each.title, taken), document

    return app.ledger.drafts.create(make, by=by, now=app.now(), form=form)
