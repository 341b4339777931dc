"""The page of destinations: listed, added, examined, and forgotten."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.model.finding import Finding
from bucketlift.service import destinations, own_destinations
from bucketlift.web.loading.table import UNCHECKED, wanted_of
from bucketlift.web.render import go, render
from bucketlift.web.visit import Editing, Posted, Running, Seeing

router = APIRouter(prefix="/destinations")
HOME = "/destinations"
ADDED = "/destinations/added"


@router.get("")
def show_all(request: Request, visit: Seeing) -> Response:
    return render(
        request,
        "loading/destinations.html",
        destinations=[
            (each, destinations.place(each), destinations.users(visit.app, name))
            for name, each in visit.app.catalog.destinations().items()
        ],
        destination_post_to=ADDED,
    )


@router.post("/added")
def add(request: Request, visit: Editing, posted: Posted) -> Response:
    wanted = wanted_of(posted)
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
        destination_post_to=ADDED,
        wanted=wanted,
        findings=found,
        problem=problem,
    )


@router.post("/{name}/doctor")
def examine(request: Request, visit: Running, name: str) -> Response:
    found = destinations.examine(visit.app, name)
    return render(request, "loading/findings.html", findings=found, sound=destinations.sound(found))


@router.post("/{name}/delete")
def remove(request: Request, visit: Editing, name: str) -> Response:
    destinations.remove(visit.app, name)
    return go(request, HOME)
