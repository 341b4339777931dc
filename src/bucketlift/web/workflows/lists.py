"""The list of workflows, on which users can also create a workflow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Form, Query, Request, Response

from bucketlift.errors import RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import many, workflows
from bucketlift.service.workflows.many import ManyResult
from bucketlift.service.workflows.workflows import ListedWorkflow, State
from bucketlift.web.form_keys import form_key
from bucketlift.web.render import go, is_part, render
from bucketlift.web.visit import Editing, Posted, Running, Seeing

router = APIRouter()
Text = Annotated[str, Form()]
NEW = "/workflows/-new"
"""The address of the page that creates a workflow. No key of a workflow starts with a hyphen."""


PAGE = 50
SORTS: dict[str, tuple[str, Callable[[ListedWorkflow], Any]]] = {
    "title": ("Title", lambda line: line.title.lower()),
    "last": ("Last run, newest first", lambda line: -_asked(line)),
    "next": ("Next run", lambda line: _seconds(line.next, never=float("inf"))),
    "attention": ("Needs attention", lambda line: (-line.held, line.title.lower())),
}
"""For each order of the list, its title and the value by which it sorts."""
DONE = {"on": "switched on", "off": "switched off", "run": "started"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFilters:
    """The filters and the order in the URL. Invalid values are ignored."""

    q: str = ""
    state: str = ""
    tag: str = ""
    sort: str = "title"

    @staticmethod
    def of(values: Mapping[str, Any]) -> ListFilters:
        state, sort = str(values.get("state", "")), str(values.get("sort", ""))
        return ListFilters(
            q=str(values.get("q", "")),
            state=state if state in set(State) else "",
            tag=str(values.get("tag", "")),
            sort=sort if sort in SORTS else "title",
        )

    @property
    def is_active(self) -> bool:
        return bool(self.q or self.state or self.tag)

    def fits(self, line: ListedWorkflow) -> bool:
        return self.state in ("", line.state.value) and (not self.tag or self.tag in line.tags)

    @property
    def address(self) -> str:
        """The address of a page with the same filters, to which the page number is added."""
        sort = "" if self.sort == "title" else self.sort
        given = {"q": self.q, "state": self.state, "tag": self.tag, "sort": sort}
        kept = {name: value for name, value in given.items() if value}
        return f"/workflows?{urlencode(kept)}{'&' if kept else ''}page="


@router.get("/workflows")
def show(request: Request, visit: Seeing, page: Annotated[int, Query(ge=1, le=1_000_000)] = 1) -> Response:
    return _page(request, visit.app, ListFilters.of(request.query_params), page)


@router.post("/workflows/-many")
def act(request: Request, visit: Running, posted: Posted) -> Response:
    """Switch the selected workflows on or off, or run them. The page then shows the result for each."""
    action = str(posted.get("do", ""))
    chosen = [each for each in posted.getlist("workflow") if isinstance(each, str)]
    results = many.act(visit.app, action, chosen, by=visit.user.name)
    return _page(request, visit.app, ListFilters.of(posted), 1, results=results, done=DONE[action])


def _page(
    request: Request,
    app: App,
    filters: ListFilters,
    page: int,
    *,
    results: Sequence[ManyResult] = (),
    done: str = "",
) -> Response:
    everything = workflows.listed(app)
    found = workflows.matching(everything, filters.q)
    fits = sorted((each for each in found if filters.fits(each)), key=SORTS[filters.sort][1])
    return render(
        request,
        "workflows/rows.html" if is_part(request) else "workflows/list.html",
        lines=fits[(page - 1) * PAGE : page * PAGE],
        number=len(fits),
        total=len(everything),
        filters=filters,
        states=list(State),
        sorts={name: title for name, (title, _) in SORTS.items()},
        tags=sorted({tag for each in everything for tag in each.tags}, key=str.lower),
        page=page,
        more=len(fits) > page * PAGE,
        results=results,
        done=done,
    )


def _asked(line: ListedWorkflow) -> float:
    return _seconds(None if line.last is None else line.last.asked_at, never=0)


def _seconds(moment: datetime | None, *, never: float) -> float:
    return never if moment is None else moment.timestamp()


@router.get(NEW)
def ask(request: Request, visit: Editing, form: str = "") -> Response:  # noqa: ARG001 - checks the right
    return render(request, "workflows/new.html", form=form_key(form))


@router.post(NEW)
def create(request: Request, visit: Editing, kind: Text = "", form: Text = "") -> Response:
    sent = form_key(form)
    if kind == "schedule":
        key = drafts.create(visit.app, "schedule", by=visit.user.name, form=sent)
    elif kind == "event":
        key = drafts.create(visit.app, "event", by=visit.user.name, form=sent)
    else:
        raise RequestWrong("Choose Scheduled or Event-based", hint="Go back and select one of the two.")
    page = f"/workflows/{quote(key, safe='')}"
    # What starts the workflow was chosen just now: a schedule is asked for at once.
    return go(request, f"{page}/triggers/new?kind=schedule&form={sent}" if kind == "schedule" else page)
