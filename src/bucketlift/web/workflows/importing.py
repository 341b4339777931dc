"""The page that imports workflows from a workflow file, after it has shown what the import would do."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData, UploadFile

from bucketlift.definition.yaml.problems import DefinitionWrong, Problem
from bucketlift.errors import RequestWrong
from bucketlift.service.editor import importing
from bucketlift.web.form_keys import form_key, new_form_key
from bucketlift.web.limits import ORDINARY
from bucketlift.web.render import count, go, render
from bucketlift.web.visit import Editing, Posted, Visit

router = APIRouter()
IMPORT = "/workflows/-import"
NUMBER = "number:"
"""The name of the input with a draft's number starts with this; the key of the workflow follows."""
LARGEST = ORDINARY // 4
"""Maximum bytes of a file. The form that confirms the import contains the file once more, with escapes."""


@router.get(IMPORT)
def ask(request: Request, visit: Editing) -> Response:  # noqa: ARG001 - checks the right
    return render(request, "workflows/import.html", text="", problems=(), planned=(), sent=new_form_key())


@router.post(IMPORT)
def import_file(request: Request, visit: Editing, form: Posted) -> Response:
    """Show the plan of the import, or import the file if the person has confirmed the plan."""
    content = _content(form.get("file")) or str(form.get("text", "")).encode("utf-8", "surrogatepass")
    try:
        _require_usable(content)
        planned = importing.plan(visit.app, visit.user, content)
        if form.get("sure") == "yes" and not any(each.problems for each in planned):
            return _imported(request, visit, content, form)
    except DefinitionWrong as error:
        return _again(request, content, error.problems)
    except RequestWrong as error:
        return _again(request, content, (error,))
    text = content.decode("utf-8", "replace")
    return render(
        request,
        "workflows/import.html",
        text=text,
        problems=(),
        planned=planned,
        sent=form_key(form.get("form")),
    )


def _require_usable(content: bytes) -> None:
    if not content.strip():
        raise RequestWrong("No file is selected", hint="Choose a workflow file, or paste its text.")
    if len(content) > LARGEST:
        hint = "Apply it on the command line: `bucketlift apply FILE`."
        raise RequestWrong(f"The file has more than {LARGEST // 1000} kB", hint=hint)


def _imported(request: Request, visit: Visit, content: bytes, form: FormData) -> Response:
    numbers = {
        name.removeprefix(NUMBER): int(str(value))
        for name, value in form.items()
        if name.startswith(NUMBER) and str(value).isdecimal()
    }
    sent = form_key(form.get("form"))
    keys = importing.create(visit.app, visit.user, content, numbers=numbers, form=sent)
    address = f"/workflows/{quote(keys[0], safe='')}" if len(keys) == 1 else "/workflows"
    return go(request, address, f"{count(len(keys), 'workflow')} imported.")


def _content(file: object) -> bytes:
    return file.file.read(LARGEST + 1) if isinstance(file, UploadFile) and file.filename else b""


def _again(request: Request, content: bytes, problems: Iterable[Problem | RequestWrong]) -> Response:
    text = content.decode("utf-8", "replace")
    return render(
        request,
        "workflows/import.html",
        status=422,
        text=text,
        problems=tuple(problems),
        planned=(),
        sent=new_form_key(),
    )
