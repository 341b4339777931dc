"""The pages that set up an extract task, step by step."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from fastapi import Form as Field
from starlette.datastructures import FormData

from bucketlift.errors import NeedsPerson, RequestWrong
from bucketlift.service.accounts import doctor, sharing
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.service.editor import extracts, selection_preview
from bucketlift.web.extract import fields_form, sample_parts, setup_form, steps, suggestions
from bucketlift.web.extract.sample_routes import UPLOAD
from bucketlift.web.extract.task_urls import Here, TaskUrls
from bucketlift.web.limits import accepts_bytes
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter(prefix="/workflows/{workflow}/tasks/{task}/extract")
Form = dict[str, Any]


@router.get("")
def begin(request: Request, visit: Editing, where: Here) -> Response:
    """Show the step that the user reached last. For an existing task, this is the step *Files*."""
    half = extracts.find(visit.app, where.place)
    is_known = "account" in half["extract"]
    return go(request, where.to(half.get("step", "setup" if is_known else "account")))


@router.get("/account")
def choose_account(request: Request, visit: Editing, where: Here) -> Response:
    return steps.account(request, visit, where, extracts.find(visit.app, where.place))


@router.post("/account")
def use_account(
    request: Request, visit: Editing, where: Here, account: Annotated[str, Field()] = ""
) -> Response:
    half = extracts.find(visit.app, where.place)
    if not account:
        hint = "Choose an account from the list, or add an account."
        return steps.account(
            request, visit, where, half, problem=RequestWrong("No account is selected", hint=hint)
        )
    chosen = sharing.require_usable(visit.app, visit.user, account)
    _keep(visit, where, half, extract=extracts.with_account(half["extract"], chosen.account), step="setup")
    return go(request, where.to("setup"))


@router.get("/setup")
def show_setup(request: Request, visit: Editing, where: Here) -> Response:
    half = extracts.find(visit.app, where.place)
    if "account" not in half["extract"]:
        return go(request, where.to("account"))
    return steps.setup(request, visit, where, half)


@router.post("/setup")
@accepts_bytes(UPLOAD)
def use_setup(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    half = _with_setup(visit, where, form)
    wrong = sample_parts.receive(visit, where, half, form)
    looked = sample_parts.look(visit, half)
    if wrong is None and "sample" not in half and "columns" not in half["extract"]:
        hint = "Choose a file with the header that every file must have."
        wrong = RequestWrong("No sample file yet", hint=hint)
    found = tuple(
        each
        for each in extracts.problems(visit.app, where.place, half)
        if not each.path or each.path[0] in steps.WITH_INPUT
    )
    if found or wrong or (looked is not None and looked.problem is not None):
        return steps.setup(request, visit, where, half, problems=found, sample_problem=wrong, is_next=True)
    _keep(visit, where, half, step="fields")
    return go(request, where.to("fields"))


@router.post("/setup/keep")
def keep_setup(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Store the form while the user types, and update the example of the action."""
    half = _with_setup(visit, where, form)
    _keep(visit, where, half)
    problems = (
        extracts.problems(visit.app, where.place, half) if extracts.is_selected(half["extract"]) else ()
    )
    return render(
        request,
        "extract/example.html",
        where=where,
        action=setup_form.action_of(half["extract"]),
        delays=setup_form.DELAYS,
        example=extracts.example(half["extract"], half.get("key")),
        loops=[each for each in problems if each.path == ("after_import",)],
    )


@router.post("/setup/look")
def look(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    half = _with_setup(visit, where, form)
    _keep(visit, where, half)
    looked, problem = None, None
    try:
        looked = selection_preview.preview(visit.app, visit.user, half["extract"])
    except NeedsPerson as error:
        problem = error
    else:
        if looked.taken:
            _keep(visit, where, half, key=looked.taken[0].key)
    return render(request, "extract/look.html", look=looked, problem=problem)


@router.post("/setup/check")
def check(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Check whether the account has the permissions for the selected files and action."""
    half = _with_setup(visit, where, form)
    _keep(visit, where, half)
    extract = half["extract"]
    account = sharing.require_usable(visit.app, visit.user, str(extract.get("account", "")))
    action = setup_form.action_of(extract)
    asked = AccountUse(
        bucket=extract.get("bucket"),
        prefix=extract.get("prefix", ""),
        after_import=action["action"],
        archive=action.get("bucket"),
        archive_prefix=action.get("prefix", ""),
    )
    try:
        findings, problem = doctor.examine(visit.app, account.name, asked).findings, None
    except RequestWrong as error:
        findings, problem = (), error
    of_s3 = account.account.settings.kind not in ("folder", "sftp")
    return render(request, "accounts/findings.html", findings=findings, problem=problem, of_s3=of_s3)


@router.get("/fields")
def show_fields(request: Request, visit: Editing, where: Here) -> Response:
    half = extracts.find(visit.app, where.place)
    if "sample" not in half and "columns" not in half["extract"]:
        return go(request, where.to("setup"))
    return steps.fields(request, visit, where, half)


@router.post("/fields/keep")
def keep_fields(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Store the form while the user edits it, and update the preview and the hints.

    Inputs are replaced only for a field whose type changed, or for all fields if the sample's fields changed.
    """
    half = extracts.find(visit.app, where.place)
    before, types = steps.seen(visit, half)[0], _types(half)
    _keep(visit, where, half, extract=fields_form.with_form(form, half["extract"], before.names))
    looked, problem = steps.seen(visit, half)
    problems = extracts.problems(visit.app, where.place, half)
    is_other = (looked.names, looked.rows) != (before.names, before.rows)
    return render(
        request,
        "extract/changed.html",
        where=where,
        extract=half["extract"],
        looked=looked,
        problem=problem,
        is_other=is_other,
        suggestions=suggestions.of_sample(visit, half) if is_other else {},
        retyped=[name for name in looked.names if _types(half).get(name) != types.get(name)],
        wrong_fields=steps.by_field(problems),
        **steps.words(),
    )


@router.post("/fields/accept")
def accept_type(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    """Set the type of one field to a suggested one, and replace only the inputs of this field."""
    half = extracts.find(visit.app, where.place)
    names = steps.seen(visit, half)[0].names
    extract = fields_form.with_form(form, half["extract"], names)
    name, extract = suggestions.accepted(names, extract, str(form.get("accept", "")))
    _keep(visit, where, half, extract=extract)
    at = names.index(name)
    if not is_part(request):
        return go(request, where.to("fields") + f"#type-{at}")
    return render(
        request,
        "extract/type_cell.html",
        where=where,
        looked=steps.seen(visit, half)[0],
        name=name,
        at=at,
        form=extract["fields"][name],
        kind=extract["fields"][name]["type"],
        suggestions={},
        wrong_fields={},
        is_accepted=True,
        **steps.words(),
    )


def _types(half: Form) -> dict[str, str]:
    return {
        name: settings.get("type", "text") for name, settings in half["extract"].get("fields", {}).items()
    }


@router.post("/fields")
def save(request: Request, visit: Editing, where: Here, form: Posted) -> Response:
    do = form.get("do", "save")
    half = extracts.find(visit.app, where.place)
    shown = steps.seen(visit, half)[0].names
    _keep(visit, where, half, extract=fields_form.with_form(form, half["extract"], shown))
    looked, unread = steps.seen(visit, half)
    if do != "save":
        return go(request, where.to("setup" if do == "back" else "fields"))
    if unread is None and looked.names != shown:
        hint = "The new settings read the header differently. Check the fields, then save."
        unread = RequestWrong("The fields have changed", hint=hint)
    problems = extracts.problems(visit.app, where.place, half)
    if problems or unread:
        return steps.fields(request, visit, where, half, problems=problems, problem=unread)
    extracts.save(visit.app, where.place, half, user=visit.user)
    return go(request, where.workflow, "The extract task is saved.")


@router.post("/cancel")
def cancel(request: Request, visit: Editing, where: Here) -> Response:
    extracts.drop(visit.app, where.place)
    return go(request, where.workflow)


def _with_setup(visit: Visit, where: TaskUrls, form: FormData) -> Form:
    return setup_form.with_setup(extracts.find(visit.app, where.place), form)


def _keep(visit: Visit, where: TaskUrls, half: Form, **values: Any) -> None:
    half |= values
    extracts.keep(visit.app, where.place, half)
