"""The page of a directory: people, the source of each value, lists, rules, export and deletion."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse

from bucketlift.errors import NotFound
from bucketlift.model.directory.targets import CONTACTS, EMPLOYEES
from bucketlift.service.core.app import App
from bucketlift.service.directory import people
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Seeing, SeeingCells

router = APIRouter(prefix="/directory")

PAGE = 50
KINDS = (CONTACTS, EMPLOYEES)
Kind = Annotated[str, Query()]


@router.get("")
def show_all(request: Request, visit: Seeing) -> Response:
    names = people.directories(visit.app)
    if len(names) == 1:
        return RedirectResponse(f"/directory/{quote(names[0], safe='')}", status_code=303)
    return render(request, "directory/list.html", names=names)


@router.get("/{name}")
def show(
    request: Request,
    visit: SeeingCells,
    name: str,
    kind: Kind = CONTACTS,
    q: str = "",
    in_list: Annotated[str, Query(alias="list")] = "",
    after: Annotated[int, Query(ge=0)] = 0,
) -> Response:
    """Show a page of the people of one kind, with a search, the mailing lists and the merge rules."""
    _require_kind(kind)
    directory = people.opened(visit.app, name)
    found = directory.people(kind, search=q.strip(), in_list=in_list or None, after=after, limit=PAGE + 1)
    following = {
        "kind": kind,
        "q": q,
        "list": in_list,
        "after": found[PAGE - 1].id if len(found) > PAGE else 0,
    }
    return render(
        request,
        "directory/show.html",
        name=name,
        kind=kind,
        query=q,
        in_list=in_list,
        people=found[:PAGE],
        following=urlencode(following) if len(found) > PAGE else None,
        counts=directory.counts(),
        lists=directory.lists(),
        rules=directory.rules(CONTACTS),
        key_of=_key_of,
    )


@router.get("/{name}/export.csv")
def export(visit: SeeingCells, name: str, kind: Kind = CONTACTS) -> Response:
    """Download all people of one kind."""
    _require_kind(kind)
    directory = people.opened(visit.app, name)
    lines = people.as_csv(people.export_fields(directory, kind), directory.each(kind))
    return StreamingResponse(
        lines,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{kind}.csv"'},
    )


@router.get("/{name}/person")
def show_person(
    request: Request, visit: SeeingCells, name: str, kind: Kind, person: Annotated[str, Query(alias="id")]
) -> Response:
    """Show the values of a person with their sources, and the person's history, newest first."""
    return _person(request, visit.app, "directory/person.html", name, kind, person)


@router.get("/{name}/delete")
def ask_to_delete(
    request: Request, visit: Editing, name: str, kind: Kind, person: Annotated[str, Query(alias="id")]
) -> Response:
    return _person(request, visit.app, "directory/delete.html", name, kind, person)


@router.post("/{name}/delete")
def delete(
    request: Request,
    visit: Editing,
    name: str,
    kind: Annotated[str, Form()],
    person: Annotated[str, Form(alias="id")],
) -> Response:
    _require_kind(kind)
    directory = people.opened(visit.app, name)
    people.found(directory, kind, person)
    directory.delete(kind, [person])
    return go(request, f"/directory/{quote(name, safe='')}?kind={kind}")


def _person(request: Request, app: App, template: str, name: str, kind: str, person: str) -> Response:
    _require_kind(kind)
    details = people.found(people.opened(app, name), kind, person)
    return render(
        request,
        template,
        name=name,
        kind=kind,
        person=person,
        title=_title(dict(details.person.values), person),
        details=details,
        files=people.files_of(app, [each.load for each in details.history]),
    )


def _key_of(values: dict[str, str], number: int, kind: str) -> str:
    return str(number) if kind == CONTACTS else values["UniqueIdentifier"]


def _title(values: dict[str, str], person: str) -> str:
    names = [values[name] for name in ("FirstName", "LastName") if name in values]
    return " ".join(names) or values.get("Email") or person


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        raise NotFound("A directory has contacts and employees", to=kind, hint="Choose one of them.")
