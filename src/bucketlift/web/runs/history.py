"""The history of the runs of one workflow or of all workflows, with a chart of loaded files and rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request, Response

from bucketlift.errors import NotFound
from bucketlift.ledger.runs.history import Day, PastRun, RunFilter
from bucketlift.model.lifecycle import Outcome
from bucketlift.service.core.app import App
from bucketlift.web.render import render
from bucketlift.web.visit import Seeing
from bucketlift.web.words import TRIGGERS

router = APIRouter()

PAGE = 50
DAYS = timedelta(days=30)
"""The period that the chart shows if the user gives no dates."""
EARLIEST, LATEST = 1970, 9000
"""The first and the last year that dates of a filter may have."""
OUTCOMES = tuple(each for each in Outcome if each is not Outcome.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFilters:
    """The filters in the URL. Invalid values are ignored."""

    workflow: str = ""
    state: str = ""
    trigger: str = ""
    since: str = ""
    until: str = ""

    @staticmethod
    def of(request: Request, workflow: str = "") -> RunFilters:
        query = request.query_params
        return RunFilters(
            workflow=workflow or query.get("workflow", ""),
            state=query.get("state", "") if query.get("state") in set(Outcome) else "",
            trigger=query.get("trigger", "") if query.get("trigger") in TRIGGERS else "",
            since=_as_day(query.get("since", "")),
            until=_as_day(query.get("until", "")),
        )

    @property
    def run_filter(self) -> RunFilter:
        until = _midnight(self.until)
        return RunFilter(
            workflow=self.workflow or None,
            outcomes=(Outcome(self.state),) if self.state else (),
            trigger=self.trigger or None,
            since=_midnight(self.since),
            until=until + timedelta(days=1) if until else None,
        )

    @property
    def is_active(self) -> bool:
        return bool(self.state or self.trigger or self.since or self.until)

    def address(self, path: str, **more: str) -> str:
        filters = {"state": self.state, "trigger": self.trigger, "since": self.since, "until": self.until}
        if not path.startswith("/workflows/"):
            filters["workflow"] = self.workflow
        kept = {name: value for name, value in (filters | more).items() if value}
        return f"{path}?{urlencode(kept)}" if kept else path


@router.get("/runs")
def list_runs(request: Request, visit: Seeing) -> Response:
    return _page(request, visit.app, RunFilters.of(request))


@router.get("/runs/days")
def days(request: Request, visit: Seeing) -> dict[str, list[Any]]:
    """The data of the chart: for each day (seconds since 1970), the loaded files and rows, and the runs that
    failed or have issues. A day without such runs has no point.
    """
    found = _days(visit.app, RunFilters.of(request))
    return {
        "days": [int(datetime.combine(each.day, datetime.min.time(), UTC).timestamp()) for each in found],
        "files": [each.files for each in found],
        "rows": [each.rows for each in found],
        "with_issues": [each.with_issues or None for each in found],
        "failed": [each.failed or None for each in found],
    }


@router.get("/workflows/{workflow}/runs")
def of_workflow(request: Request, visit: Seeing, workflow: str) -> Response:
    return _page(request, visit.app, RunFilters.of(request, workflow), of=workflow)


def _page(request: Request, app: App, run_filters: RunFilters, of: str | None = None) -> Response:
    titles = {each.key: each.title for each in app.ledger.catalog.readable()}
    before = _cursor(request.query_params.get("before", ""))
    found = app.ledger.history.page(run_filters.run_filter, before=before, limit=PAGE + 1)
    if of is not None and of not in titles and not found:
        raise NotFound("There is no workflow with this name", to=of)
    shown = found[:PAGE]
    path = str(request.url.path)
    return render(
        request,
        "runs/history.html",
        run_filters=run_filters,
        of=of,
        titles=titles,
        outcomes=OUTCOMES,
        triggers=TRIGGERS,
        runs=shown,
        now=app.now(),
        first=before is None,
        days=[] if before else _days(app, run_filters),
        newest=run_filters.address(path),
        older=run_filters.address(path, before=_cursor_of(shown[-1])) if len(found) > PAGE else None,
        chart=run_filters.address("/runs/days", workflow=run_filters.workflow),
    )


def _days(app: App, run_filters: RunFilters) -> list[Day]:
    """The data of all days in the chart. Days without a run are included."""
    today = app.now().date()
    until = date.fromisoformat(run_filters.until) if run_filters.until else today
    first = date.fromisoformat(run_filters.since) if run_filters.since else until - DAYS
    first = max(first, until - timedelta(days=366))
    known = {
        each.day: each
        for each in app.ledger.history.days(
            run_filters.run_filter, since=datetime.combine(first, datetime.min.time(), UTC)
        )
    }
    every = [first + timedelta(days=at) for at in range((until - first).days + 1)]
    return [known.get(day) or Day(day=day, runs=0, with_issues=0, failed=0, files=0, rows=0) for day in every]


def _as_day(text: str) -> str:
    """The day as the user typed it; empty if it is not valid. Years outside the limits are ignored, because
    dates could overflow.
    """
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return ""
    return day.isoformat() if EARLIEST <= day.year <= LATEST else ""


def _midnight(day: str) -> datetime | None:
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC) if day else None


def _cursor_of(run: PastRun) -> str:
    return f"{run.asked_at.isoformat()} {run.id}"


def _cursor(text: str) -> tuple[datetime, str] | None:
    moment, _, run = text.partition(" ")
    try:
        return datetime.fromisoformat(moment), run
    except ValueError:
        return None
