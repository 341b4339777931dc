"""How all workflows do: which are late, which loaded an unusual number of rows, and in which groups they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bucketlift.errors import RequestWrong
from bucketlift.ledger.triggers.silences import LATE, PURPOSE
from bucketlift.ledger.workflows.overview import LastFile, LastRun
from bucketlift.model.trigger import mark_of
from bucketlift.model.workflow import Workflow
from bucketlift.rules.health.standing import Health, health_of
from bucketlift.rules.schedules.firing import latest_fire
from bucketlift.service.core.app import App
from bucketlift.service.files.attention import Issue, IssueKind
from bucketlift.service.ops.silence import expected_by
from bucketlift.service.workflows import workflows
from bucketlift.service.workflows.schedules import next_runs
from bucketlift.service.workflows.workflows import ListedWorkflow, State

STRIP = 14
"""Number of runs that a line on Home shows."""
LOOKED_BACK = timedelta(days=40)
"""How far back the last expected time of a file is searched."""


class LateKind(StrEnum):
    RUN = "run"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A run or a file that was not there by its time."""

    kind: LateKind
    expected_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A workflow, and how it does."""

    line: ListedWorkflow
    health: frozenset[Health]
    late: tuple[Late, ...] = ()
    loaded: LastRun | None = None
    """The last run that loaded files."""
    file: LastFile | None = None

    @property
    def is_unusual(self) -> bool:
        """Whether the last run with files is unusual, and no person reviewed this."""
        return self.loaded is not None and self.loaded.unusual and self.loaded.reviewed_at is None

    @property
    def worst(self) -> int:
        """The position of the most urgent group, for sorting."""
        return min(list(Health).index(each) for each in self.health)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """What Home shows of a workflow in addition."""

    runs: tuple[LastRun, ...] = ()
    """The last runs, oldest first."""
    next: datetime | None = None
    """The next scheduled run."""
    expected_at: datetime | None = None
    """The last time at which a file was expected."""


def standings(app: App, query: str = "") -> tuple[Standing, ...]:
    """How all workflows do whose title, key, project or tags contain the words of ``query``, the most urgent
    first.
    """
    lines = workflows.listed(app, query, brief=True)
    ended, loaded = app.ledger.overview.last_ended(), app.ledger.overview.last_loaded()
    running, late = app.ledger.overview.unfinished(), lateness(app)
    files = app.ledger.overview.last_files([each.key for each in lines])
    found = []
    for line in lines:
        run, last = loaded.get(line.key), ended.get(line.key)
        is_unusual = run is not None and run.unusual and run.reviewed_at is None
        health = health_of(
            is_on=line.state is State.ON,
            last=None if last is None else last.outcome,
            is_running=line.key in running,
            is_late=line.key in late,
            needs_attention=line.held > 0 or is_unusual,
        )
        found.append(
            Standing(
                line=line,
                health=health,
                late=late.get(line.key, ()),
                loaded=run,
                file=files.get(line.key),
            )
        )
    return tuple(sorted(found, key=lambda each: (each.worst, each.line.title.lower())))


def details(app: App, shown: tuple[Standing, ...]) -> dict[str, Detail]:
    """The last runs, the next runs and the last expected times of these workflows."""
    keys, now = [each.line.key for each in shown], app.now()
    runs = app.ledger.overview.recent_runs(keys, count=STRIP)
    flows = {each.key: each for each in app.ledger.catalog.readable()}
    found = {}
    for key in keys:
        flow = flows.get(key)
        coming = () if flow is None else next_runs(flow, now, 1)
        found[key] = Detail(
            runs=tuple(reversed(runs.get(key, ()))),
            next=coming[0] if coming else None,
            expected_at=None if flow is None else _last_expected(flow, now),
        )
    return found


def lateness(app: App) -> dict[str, tuple[Late, ...]]:
    """The enabled workflows of which a run or a file is late, as the last check recorded."""
    marks = app.ledger.silences.marks
    files = {place: each.missed for place, each in marks().items() if each.missed is not None}
    runs = {place: each.missed for place, each in marks(LATE).items() if each.missed is not None}
    if files:  # an expectation that was removed may have a mark for some seconds
        expected = _expected(app)
        files = {place: missed for place, missed in files.items() if place in expected}
    found: dict[str, list[Late]] = {}
    arrived = app.ledger.overview.last_files([key for key, _ in files])
    looked = app.ledger.overview.last_looked([key for key, _ in runs])
    for (key, _), missed in runs.items():
        if key not in looked or looked[key] < missed:
            found.setdefault(key, []).append(Late(kind=LateKind.RUN, expected_at=missed))
    for (key, _), missed in files.items():
        if key not in arrived or arrived[key].found_at <= missed:
            found.setdefault(key, []).append(Late(kind=LateKind.FILE, expected_at=missed))
    return {key: tuple(each) for key, each in found.items()}


def _expected(app: App) -> frozenset[tuple[str, str]]:
    """The marks of the expectations of enabled workflows."""
    return frozenset(
        (flow.key, mark_of(PURPOSE, schedule))
        for flow in app.ledger.catalog.readable()
        if flow.enabled
        for schedule in expected_by(flow)
    )


def unusual(app: App) -> Iterator[tuple[str, LastRun]]:
    """The workflows whose last run with files loaded an unusual number of rows that no person reviewed."""
    keys = app.ledger.overview.unreviewed()
    for key, run in app.ledger.overview.last_loaded(keys).items() if keys else ():
        if run.unusual and run.reviewed_at is None:
            yield key, run


def issues(app: App) -> Iterator[Issue]:
    """The workflows that are late or unusual, for the page "Needs attention"."""
    flows = app.ledger.catalog.workflows()
    for key, found in lateness(app).items():
        for late in found if key in flows else ():
            yield Issue(
                kind=IssueKind.LATE,
                name=flows[key].workflow.title,
                workflow=key,
                what=_what_is_late(late),
                hint="This ends when a run ends. Check that a worker is running, and what its runs wait for."
                if late.kind is LateKind.RUN
                else "This ends when a file arrives. Ask the sender, or change the expected time.",
            )
    for key, run in unusual(app):
        if key in flows:
            yield Issue(
                kind=IssueKind.UNUSUAL,
                name=flows[key].workflow.title,
                workflow=key,
                run=run.id,
                what=f"The last run loaded {run.rows or 0:,} rows, usually about {run.usual_rows or 0:,}",
                hint="Check the files of this run. If the number is right, mark it as reviewed.",
            )


def _what_is_late(late: Late) -> str:
    moment = f"{late.expected_at:%Y-%m-%d %H:%M} UTC"
    if late.kind is LateKind.RUN:
        return f"The run of {moment} is late"
    return f"No file arrived by {moment}"


def count(app: App) -> int:
    """The number of issues, for the menu."""
    return sum(len(each) for each in lateness(app).values()) + sum(1 for _ in unusual(app))


def review(app: App, run: str) -> None:
    """Record that a person reviewed the unusual number of rows of a run.

    Raises:
        NotFound: there is no such run.
        RequestWrong: the number of rows is not unusual.
    """
    found = app.ledger.runs.get(run)
    if not found.unusual:
        raise RequestWrong("The number of rows of this run is not unusual", to=run)
    app.ledger.runs.review(found.id, now=app.now())


def _last_expected(flow: Workflow, now: datetime) -> datetime | None:
    try:
        moments = [latest_fire(each, now - LOOKED_BACK, now) for each in expected_by(flow)]
    except RequestWrong:
        return None  # an earlier version stored it without this check
    return max((each for each in moments if each is not None), default=None)
