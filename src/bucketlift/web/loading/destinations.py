"""The page of destinations, on which users list, add, test and remove them."""

from __future__ import annotations

from typing import cast, get_args

from fastapi import APIRouter, Request, Response
from starlette.datastructures import FormData

from bucketlift.errors import RequestWrong
from bucketlift.model.finding import Finding
from bucketlift.rules.delivery.promises import described
from bucketlift.service.destinations import destinations, own_destinations
from bucketlift.service.destinations.own_destinations import Kind, NewDestination
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Posted, Running, Seeing

router = APIRouter(prefix="/destinations")
HOME = "/destinations"
UNCHECKED = 422


@router.get("")
def show_all(request: Request, visit: Seeing) -> Response:
    return render(
        request,
        "loading/destinations.html",
        described=described,
        destinations=[
            (each, destinations.place(each), destinations.users(visit.app, name))
            for name, each in visit.app.ledger.catalog.destinations().items()
        ],
        titles={each.key: each.title for each in visit.app.ledger.catalog.readable()},
    )


@router.post("/added")
def add(request: Request, visit: Editing, posted: Posted) -> Response:
    """Add a destination from the side panel. Shows the findings of its test, or the problem with the input."""
    wanted = _posted(posted)
    found: tuple[Finding, ...] = ()
    problem: RequestWrong | None = None
    try:
        found = own_destinations.add(visit.app, wanted)
    except RequestWrong as error:
        problem = error
    return render(
        request,
        "loading/destination_body.html",
        status=UNCHECKED if problem else 200,
        wanted=wanted,
        findings=found,
        problem=problem,
    )


@router.post("/{name}/doctor")
def examine(request: Request, visit: Running, name: str) -> Response:
    found = destinations.examine(visit.app, name)
    return render(request, "loading/findings.html", findings=found, passed=destinations.passed(found))


@router.post("/{name}/delete")
def remove(request: Request, visit: Editing, name: str) -> Response:
    destinations.remove(visit.app, name)
    return go(request, HOME)


def _posted(posted: FormData) -> NewDestination:
    """The destination that the user entered in the side panel."""
    values = {name: str(value) for name, value in posted.items() if name.startswith("new-")}
    return NewDestination(
        name=values.get("new-name", ""),
        kind=_kind(values.get("new-kind", "duckdb")),
        url=values.get("new-url", ""),
        schema=values.get("new-schema", ""),
    )


def _kind(word: str) -> Kind:
    if word not in get_args(Kind):
        raise RequestWrong("Unknown type of destination", to=word)
    return cast("Kind", word)
