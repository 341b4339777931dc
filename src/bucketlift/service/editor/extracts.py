"""Extract tasks as somebody fills them in: kept over restarts, told what is wrong, and at the end put into the draft."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.parse import shaped
from bucketlift.definition.yaml.located import Located
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.model.source import SourceObject, StoreId
from bucketlift.model.user import User
from bucketlift.model.workflow import ExtractTask, Move, Rename
from bucketlift.rules import chain
from bucketlift.rules.naming import archive_place
from bucketlift.service.accounts import sharing
from bucketlift.service.core.app import App
from bucketlift.service.editor import documents, drafts
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.tasks import Place, below

Form = dict[str, Any]
MADE_UP = "export-2026-11.csv"
"""Stands for a file's name while none was seen."""
USUAL_ID = "files"
_NEW: Form = {"kind": "s3", "file_type": "csv", "after_import": "delete"}
_ANY_COLUMN = ["a column"]
"""Stands for those of the sample until one is uploaded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """What becomes of one file."""

    key: str
    seen: bool
    """It is there; else the key is made up."""
    result: str | None
    """The key and bucket after import; None where the file is deleted or kept."""


def find(app: App, place: Place) -> Form:
    """What is known of the task: ``extract`` as in a workflow file, ``sample``, and a ``key`` that was seen.

    ``before`` is what the task said when somebody began to fill this in.

    Raises:
        NotFound: there is no such workflow, or no such extract in it.
        RequestWrong: a workflow file owns it.
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
        "There is no such extract task in this workflow", to=place.task, hint="Look at the workflow."
    )


def keep(app: App, place: Place, half: Form) -> None:
    drafts.keep_scratch(app, place.workflow, _scratch(place), half)


def drop(app: App, place: Place) -> None:
    drafts.drop_scratch(app, place.workflow, _scratch(place))


def problems(app: App, place: Place, half: Form) -> tuple[DraftProblem, ...]:
    """What is wrong with the task as it stands, loops through other workflows included; paths begin in ``extract``."""
    draft = drafts.get(app, place.workflow)
    others = [task for task in draft.document["tasks"] if "extract" in task and task["id"] != place.task]
    task = {"id": place.task or chain.free_id(draft.document, USUAL_ID), "extract": _whole(half["extract"])}
    document = {"title": draft.title, "tasks": [task, *others]}
    return below(documents.problems(app, place.workflow, document), 0, "extract")


def save(app: App, place: Place, half: Form, *, user: User) -> str:
    """Put the task into the workflow's draft and forget what was half filled in; its id.

    Raises:
        ChangedMeanwhile: the task says something else than when this was begun.
        NotFound: the account is not this person's to use.
        RequestWrong: a workflow file owns the workflow.
    """
    extract = half["extract"]
    sharing.require_usable(app, user, str(extract.get("account", "")))
    saved: list[str] = []

    def edit(document: Form) -> Form:
        if place.task is not None:
            _require_same(document, place.task, half)
        saved.append(place.task or chain.free_id(document, USUAL_ID))
        return chain.put(document, {"id": saved[-1], "extract": extract}, place.after or None)

    drafts.change(app, place.workflow, edit, by=user.name)
    drop(app, place)
    return saved[-1]


def _require_same(document: Form, task: str, half: Form) -> None:
    """A half-filled form may rest for weeks; a header adopted since then must not be undone by it."""
    link = chain.find(document, task)
    if link is None:
        raise NotFound("The task was deleted meanwhile", to=task, hint="Begin it anew.")
    said: Form = link.task.get("extract", {})
    before: Form = half.get("before", said)
    if not _same(before, said):
        raise ChangedMeanwhile(
            "The task was changed since you began",
            to=task,
            hint="Cancel, which forgets what is filled in here; then open the task again.",
        )


def _same(one: Form, other: Form) -> bool:
    """What goes without saying may be said or not."""
    try:
        return one == other or bare(one) == bare(other)
    except RequestWrong:
        return False


def bare(extract: Form) -> ExtractTask:
    """The task alone, whatever else is still missing in it; without a sample it has one column.

    Raises:
        DefinitionWrong: what it says cannot be.
    """
    whole = {"account": "none", "bucket": "your-bucket", **_whole(extract)}
    load = {"from": "files", "to": "none", "table": "none"}
    flow = {"tasks": [{"id": "files", "extract": whole}, {"id": "load", "load": load}]}
    document = {"version": 1, "project": "page", "workflows": {"w": flow}}
    parsed = shaped(Located(name="the task", value=document, lines={}), folder=Path.cwd())
    (made,) = compile_definition(parsed).workflows
    return made.extracts[0]


def example(extract: Form, key: str | None) -> Example | None:
    """What becomes of one file after import, to look at; None where that cannot be said yet."""
    try:
        task = bare(
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


def _whole(extract: Form) -> Form:
    """What a person has not come to yet is no problem."""
    return {"columns": _ANY_COLUMN, **extract}


def _scratch(place: Place) -> str:
    """The name of what is half filled in there."""
    return f"extract {place.task}" if place.task is not None else f"extract after {place.after}"
