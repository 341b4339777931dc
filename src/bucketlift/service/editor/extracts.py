"""Extract tasks that a user has started to set up on the page: stores them, finds their problems, and saves
them to the draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bucketlift.definition.fragments import single_extract
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile, Creation
from bucketlift.model.account import Account, store_kind
from bucketlift.model.source import SourceObject, StoreId
from bucketlift.model.user import User
from bucketlift.model.workflow import ExtractTask, Move, Rename
from bucketlift.rules import chain
from bucketlift.rules.naming import archive_place
from bucketlift.service.accounts import sharing
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.page_words import on_page_error
from bucketlift.service.editor.tasks import TaskPosition, below, id_of

Form = dict[str, Any]
MADE_UP = "export-2026-11.csv"
"""The file name in an example if no file is known."""
USUAL_ID = "files"
_NEW: Form = {"kind": "s3", "file_type": "csv", "after_import": "delete"}
_ANY_COLUMN = ["a column"]
"""A placeholder for the fields of the task until a sample is uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What the action after import does with one file, as an example."""

    key: str
    seen: bool
    """Whether the file exists. If not, the key is only an example."""
    result: str | None
    """The bucket and key of the object after the action; None if the object is deleted or kept."""


def find(app: App, place: TaskPosition) -> Form:
    """The unfinished task: ``extract`` as in a workflow file, ``sample``, and ``key`` of a listed file.

    ``before`` in the result is the task at the time when editing started.

    Raises:
        NotFound: there is no such workflow, or it has no such extract task.
        RequestWrong: a workflow file owns the workflow.
    """
    published = app.ledger.catalog.workflows().get(place.workflow)
    if published is not None:
        drafts.refuse_owned(published.workflow)
    draft = drafts.get(app, place.workflow)
    known = drafts.scratch(app, place.workflow, _scratch(place))
    if known is not None:
        return dict(known)
    if place.task is None:
        return {"extract": dict(_NEW)}
    for task in draft.document["tasks"]:
        if task["id"] == place.task and "extract" in task:
            return {"extract": dict(task["extract"]), "before": dict(task["extract"])}
    raise NotFound(
        "There is no such extract task in this workflow", to=place.task, hint="Reload the workflow."
    )


def with_account(extract: Form, account: Account) -> Form:
    """The task with another account. If the kind of store changes, settings that only the former one has are dropped."""
    kind = store_kind(account.settings)
    known = dict(extract)
    if kind != known.get("kind", "s3"):
        known.pop("bucket", None)
        known.pop("after_import", None)
    return {**known, "kind": kind, "account": account.name}


def is_selected(extract: Form) -> bool:
    """Whether the task says which files it reads, so that its problems can be shown."""
    return bool(extract.get("bucket")) or extract.get("kind", "s3") != "s3"


def keep(app: App, place: TaskPosition, half: Form) -> None:
    drafts.keep_scratch(app, place.workflow, _scratch(place), half)


def drop(app: App, place: TaskPosition) -> None:
    drafts.drop_scratch(app, place.workflow, _scratch(place))


def problems(app: App, place: TaskPosition, half: Form) -> tuple[DraftProblem, ...]:
    """The problems of the task, including loops through other workflows. Paths are relative to ``extract``."""
    draft = drafts.get(app, place.workflow)
    others = [task for task in draft.document["tasks"] if "extract" in task and task["id"] != place.task]
    task = {
        "id": place.task or chain.free_id(draft.document, USUAL_ID),
        "extract": _with_placeholders(half["extract"]),
    }
    document = {"title": draft.title, "tasks": [task, *others]}
    return below(documents.problems(app, place.workflow, document), 0, "extract")


def save(app: App, place: TaskPosition, half: Form, *, user: User) -> str:
    """Save the task to the draft, and delete the unfinished task. Returns the ID of the task.

    Raises:
        ChangedMeanwhile: the task has changed since editing started.
        NotFound: the user cannot use the account.
        RequestWrong: a workflow file owns the workflow.
    """
    extract = half["extract"]
    sharing.require_usable(app, user, str(extract.get("account", "")))
    saved: list[str] = []
    creation = Creation(key=place.form) if place.form else None

    def edit(document: Form) -> Form:
        if place.task is not None:
            _require_same(document, place.task, half)
        saved.append(id_of(document, place, creation, USUAL_ID))
        return chain.put(document, {"id": saved[-1], "extract": extract}, place.after or None)

    drafts.change(app, place.workflow, edit, by=user.name, creation=creation)
    drop(app, place)
    return saved[-1]


def _require_same(document: Form, task: str, half: Form) -> None:
    """Check that the task has not changed since editing started. Otherwise an old form could undo a header
    that was accepted in the meantime.
    """
    link = chain.find(document, task)
    if link is None:
        raise NotFound("The task has been deleted", to=task, hint="Add it again.")
    current: Form = link.task.get("extract", {})
    before: Form = half.get("before", current)
    if not _same(before, current):
        raise ChangedMeanwhile(
            "The task has been changed since you started",
            to=task,
            hint="Choose Cancel to drop your input, then open the task again.",
        )


def _same(one: Form, other: Form) -> bool:
    """Whether two documents mean the same. One may contain a default value that the other leaves out."""
    try:
        return one == other or compiled_alone(one) == compiled_alone(other)
    except RequestWrong:
        return False


def compiled_alone(extract: Form) -> ExtractTask:
    """Compile the task without its workflow. Missing parts get placeholders, and a task without a sample has
    one column.

    Raises:
        RequestWrong: the task is not valid.
    """
    try:
        return single_extract(_with_placeholders(extract))
    except DefinitionWrong as error:
        raise on_page_error(error) from None


def example(extract: Form, key: str | None) -> Example | None:
    """An example of the action after import; None if the task is incomplete."""
    try:
        task = compiled_alone(
            {name: value for name, value in extract.items() if name not in ("columns", "fields", "pgp")}
        )
    except RequestWrong:
        return None
    shown = key or f"{task.selection.prefix}{MADE_UP}"
    source = SourceObject(
        store=StoreId(""), bucket=task.selection.bucket, key=shown, etag="", size=0, occurrence=1
    )
    action = task.after_import
    result = str(_place(source, action)) if isinstance(action, Move | Rename) else None
    return Example(key=str(source), seen=key is not None, result=result)


def _place(source: SourceObject, action: Move | Rename) -> object:
    place = archive_place(source, action)
    return getattr(place, "what", place)


def _with_placeholders(extract: Form) -> Form:
    """The task, with placeholders for the parts that the user has not filled in yet."""
    return {"columns": _ANY_COLUMN, **extract}


def _scratch(place: TaskPosition) -> str:
    """The name under which the unfinished form is stored."""
    return f"extract {place.task}" if place.task is not None else f"extract after {place.after}"
