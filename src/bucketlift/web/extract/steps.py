"""Renders the steps that set up an extract task."""

from __future__ import annotations

from typing import Any

from fastapi import Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.model.pgp import KeyKind
from bucketlift.service.accounts import sharing
from bucketlift.service.editor import extracts, samples
from bucketlift.service.editor.bucket_samples import Newest
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.page_words import label_of
from bucketlift.web.extract import fields_form, format_form, sample_parts, setup_form, suggestions
from bucketlift.web.extract.task_urls import TaskUrls
from bucketlift.web.files.cells import visible
from bucketlift.web.render import render
from bucketlift.web.visit import Visit

Form = dict[str, Any]
UNCHECKED = 422
WITH_INPUT = ("bucket", "prefix", "pattern", "file_type", "after_import", "pgp")
"""Keys of the task that have an input in the step *Files*. Their problems are shown next to the input."""


def account(
    request: Request, visit: Visit, where: TaskUrls, half: Form, *, problem: BucketliftError | None = None
) -> Response:
    return render(
        request,
        "extract/account.html",
        status=UNCHECKED if problem else 200,
        where=where,
        problem=problem,
        **choice(visit, half["extract"].get("account")),
    )


def choice(visit: Visit, chosen: str | None) -> Form:
    """The accounts that the user can select for the task, and the selected one."""
    usable = sharing.usable(visit.app, visit.user)
    return {
        "own": [each for each in usable if each.own],
        "shared": [each for each in usable if not each.own],
        "chosen": chosen,
    }


def setup(
    request: Request,
    visit: Visit,
    where: TaskUrls,
    half: Form,
    *,
    problems: tuple[DraftProblem, ...] = (),
    sample_problem: BucketliftError | None = None,
    is_next: bool = False,
    bucket: tuple[Newest | None, BucketliftError | None] | None = None,
) -> Response:
    """Render the step *Files*. ``is_next``: the user tried to go on to the next step. ``bucket``: the listed
    files of the bucket, or the reason why they could not be listed.
    """
    extract = half["extract"]
    keys = visit.app.ledger.keys.all().values()
    sample = sample_words(visit, half, sample_problem)
    blocked = is_next and sample["sample_look"] is not None and sample["sample_look"].problem is not None
    return render(
        request,
        "extract/setup.html",
        status=UNCHECKED if problems or sample_problem or blocked else 200,
        sample_blocks=blocked,
        bucket=bucket,
        **sample,
        where=where,
        action=setup_form.action_of(extract),
        delays=setup_form.DELAYS,
        account=_title(visit, extract.get("account", "")),
        keys=[each for each in keys if each.kind is KeyKind.DECRYPT],
        signers=[each for each in keys if each.kind is KeyKind.SIGNER],
        by_input=by_input(problems),
        others=[each for each in problems if not each.path or each.path[0] not in WITH_INPUT],
        example=extracts.example(extract, half.get("key")),
        loops=[],
    )


def sample_words(visit: Visit, half: Form, refused: BucketliftError | None = None) -> Form:
    """What the part about the sample shows. ``refused``: why an uploaded file is no sample."""
    return {
        "extract": half["extract"],
        "sample": half.get("sample"),
        "sample_problem": refused,
        "sample_look": sample_parts.look(visit, half),
        "main_settings": sample_parts.MAIN_SETTINGS,
        "other_groups": sample_parts.OTHER_GROUPS,
        "most_columns": sample_parts.COLUMNS,
        "encodings": fields_form.ENCODINGS,
        "setting_shown": format_form.shown,
        "null_words": format_form.null_words,
        "visible": visible,
    }


def by_input(problems: tuple[DraftProblem, ...]) -> dict[str, DraftProblem]:
    """The first problem of each key, to be shown next to the key's input."""
    return {str(each.path[0]): each for each in reversed(problems) if each.path}


def fields(
    request: Request,
    visit: Visit,
    where: TaskUrls,
    half: Form,
    *,
    problems: tuple[DraftProblem, ...] = (),
    problem: RequestWrong | None = None,
) -> Response:
    """Render the step *Verify fields*. If there is no new sample, the step shows the fields of the existing
    task.
    """
    extract = half["extract"]
    looked, unread = seen(visit, half)
    shown_problem = problem or unread
    return render(
        request,
        "extract/fields.html",
        status=UNCHECKED if problems or shown_problem else 200,
        where=where,
        extract=extract,
        looked=looked,
        sample=half.get("sample"),
        suggestions=suggestions.of_sample(visit, half),
        problem=shown_problem,
        wrong_fields=by_field(problems),
        others=[each for each in problems if each.path[:1] != ("fields",)],
        **words(),
    )


def words() -> Form:
    """The choices and labels that the form shows."""
    return {
        "types": fields_form.TYPES,
        "goes_with": fields_form.GOES_WITH,
        "cases": fields_form.CASES,
        "encodings": fields_form.ENCODINGS,
        "megabyte": fields_form.MEGABYTE,
        "one_of": fields_form.ONE_OF,
        "some_of": fields_form.SOME_OF,
        "field_shown": fields_form.shown,
        "first_settings": format_form.FIRST,
        "groups": format_form.GROUPS,
        "setting_shown": format_form.shown,
        "null_words": format_form.null_words,
        "label_of": label_of,
    }


def seen(visit: Visit, half: Form) -> tuple[samples.SampleView, RequestWrong | None]:
    """The fields and rows that *Verify fields* shows, and the error if the sample cannot be read."""
    extract = half["extract"]
    without = samples.SampleView(names=tuple(extract.get("columns", ())), rows=(), misfits={})
    if "sample" not in half:
        return without, None
    try:
        looked = samples.view(visit.app, extract, half["sample"])
    except RequestWrong as error:
        return _with_plain_types(visit, half) or without, error
    return looked, looked.doubt


def _with_plain_types(visit: Visit, half: Form) -> samples.SampleView | None:
    """The sample read without field types; None if it cannot be read in this way either."""
    extract = {name: value for name, value in half["extract"].items() if name != "fields"}
    try:
        return samples.view(visit.app, extract, half["sample"])
    except RequestWrong:
        return None


def by_field(problems: tuple[DraftProblem, ...]) -> dict[str, list[DraftProblem]]:
    found: dict[str, list[DraftProblem]] = {}
    for each in problems:
        if each.path[:1] == ("fields",) and len(each.path) > 1:
            found.setdefault(str(each.path[1]), []).append(each)
    return found


def _title(visit: Visit, name: str) -> str:
    titles = {each.name: each.title for each in sharing.visible(visit.app, visit.user)}
    return titles.get(name, name)
