"""Home: how all workflows do, in groups that are filters, with one line for each workflow."""

from __future__ import annotations

from collections import Counter
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request, Response

from bucketlift.rules.health.standing import Health
from bucketlift.service.workflows import health
from bucketlift.web.render import render
from bucketlift.web.visit import Seeing

router = APIRouter()

PAGE = 50
TITLES = {
    Health.FAILED: ("Failed", "alert-circle", "red"),
    Health.ATTENTION: ("Needs attention", "bell", "yellow"),
    Health.LATE: ("Late", "clock", "orange"),
    Health.RUNNING: ("Running", "player-play", "azure"),
    Health.HEALTHY: ("Healthy", "circle-check", "green"),
    Health.OFF: ("Off", "player-stop", "secondary"),
}
"""For each group, its title, icon and colour."""


@router.get("/")
def home(
    request: Request,
    visit: Seeing,
    show: str = "",
    q: str = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
) -> Response:
    wanted = Health(show) if show in set(Health) else None
    found = health.standings(visit.app, q)
    counts = Counter(each for standing in found for each in standing.health)
    fits = tuple(each for each in found if wanted is None or wanted in each.health)
    lines = fits[(page - 1) * PAGE : page * PAGE]
    return render(
        request,
        "home/home.html",
        tiles=[(each, *TITLES[each], counts[each], _address(each.value, q)) for each in Health],
        wanted=wanted,
        title_of={each: title for each, (title, *_) in TITLES.items()},
        query=q,
        total=len(found),
        number=len(fits),
        lines=lines,
        details=health.details(visit.app, lines),
        strip=health.STRIP,
        page=page,
        more=len(fits) > page * PAGE,
        address=_address("" if wanted is None else wanted.value, q),
        all=_address("", q),
    )


def _address(show: str, query: str) -> str:
    filters = {name: value for name, value in (("show", show), ("q", query)) if value}
    return f"/?{urlencode(filters)}" if filters else "/"
