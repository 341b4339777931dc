"""Runs of the past and one under way, as the shared shows and tells them."""

from __future__ import annotations

import http.client
import threading
from contextlib import contextmanager

import pytest

from bucketlift.api.listening import listening
from bucketlift.model.advance import Advance, FileAdvance, Sample
from bucketlift.model.lifecycle import RunState
from bucketlift.model.user import Role
from bucketlift.service.people import sessions
from bucketlift.web.runs import events
from integration.web.watching.conftest import at_work
from integration.web.watching.test_attention import text_of
from visitors import COOKIE

pytestmark = pytest.mark.slow


def over(shared) -> str:
    (run,) = shared.app.ledger.runs.find(states=[RunState.SUCCEEDED])
    return run.id


def newest(page) -> str:
    (run,) = page.app.ledger.runs.find(limit=1)
    return run.id


def begun(shared) -> str:
    """A run that some worker is at, and how far it is."""
    app = shared.app
    run = app.ledger.runs.ask("w", 1, trigger="demand", now=app.now())
    lease = app.ledger.runs.take_lease("w", "somebody", lambda _: True)
    assert lease is not None
    app.ledger.runs.begin(run.id, lease, worker="somebody", now=app.now())
    tell(shared, run.id, lease, done=25_000_000)
    return run.id


def tell(shared, run, lease, *, done):
    now = shared.app.now()
    file = FileAdvance(
        file="f1",
        task="files",
        key="in/<b>big</b>.csv",
        doing="reading",
        done=done,
        total=100_000_000,
        rows=12_345,
        earlier=Sample(at=now.replace(microsecond=0).replace(year=now.year - 1), done=0),
    )
    shared.app.ledger.progress.keep(run, lease, Advance(at=now, files=(file,)))


def test_the_history_lists_runs_with_what_they_came_to(shared):
    told = text_of(shared.browser(Role.VIEWER).get("/runs"))

    assert "On demand" in told
    assert "succeeded" in told
    assert "1 file, 2 rows; days in UTC" in told


def test_the_chart_is_drawn_from_the_same_figures_as_the_table(shared):
    told = shared.browser(Role.VIEWER).get("/runs/days").json()

    assert (len(told["days"]), sum(told["files"]), sum(told["rows"])) == (31, 1, 2)
    assert (told["with_issues"][-1], told["failed"][-1]) == (1, None)


def test_a_run_that_held_files_is_not_shown_as_one_that_succeeded(shared):
    browser, run = shared.browser(Role.VIEWER), over(shared)

    listed, filtered = text_of(browser.get("/runs")), text_of(browser.get("/runs?state=succeeded"))
    shown, document = text_of(browser.get(f"/runs/{run}")), browser.get(f"/runs/{run}/document").json()

    assert "succeeded with issues" in listed
    assert "No matching run" in filtered
    assert "The run has succeeded with issues." in shown
    assert (document["state"], document["outcome"]) == ("succeeded", "succeeded_with_issues")


def test_filters_that_fit_nothing_say_so_and_wrong_ones_are_left_out(shared):
    browser = shared.browser(Role.VIEWER)

    answers = [
        text_of(browser.get("/runs?state=failed")),
        text_of(browser.get("/runs?state=nonsense&since=yesterday&before=x")),
        text_of(browser.get("/workflows/w/runs?trigger=demand")),
    ]

    assert ["No matching run" in each for each in answers] == [True, False, False]
    assert browser.get("/workflows/nobody/runs").status_code == 404


@pytest.mark.parametrize(
    "days", ["until=9999-12-31", "until=0001-01-05", "since=0001-01-01&until=0001-02-01"]
)
def test_days_at_the_ends_of_the_calendar_are_left_out(shared, days):
    browser = shared.browser(Role.VIEWER)

    assert browser.get(f"/runs?{days}").status_code == 200
    assert browser.get(f"/runs/days?{days}").status_code == 200


def test_a_line_that_no_log_has_is_refused(shared):
    browser, run = shared.browser(Role.VIEWER), over(shared)

    assert browser.get(f"/runs/{run}/log?before={10**20}").status_code == 422


def test_a_runs_page_tells_tasks_files_and_log_and_gives_its_answer(shared):
    browser, run = shared.browser(Role.VIEWER), over(shared)

    told = text_of(browser.get(f"/runs/{run}"))
    answer = browser.get(f"/runs/{run}/document")

    assert "3 found 1 loaded 2 held" in told
    assert "2 rows inserted" in told
    assert "in/good.csv" in told
    assert "The run succeeded" in told
    assert "Retry" not in told
    assert (answer.json()["run"], "attachment" in answer.headers["content-disposition"]) == (run, True)


def test_a_retry_is_left_to_a_worker_and_refused_where_there_is_none(page):
    browser, run = page.browser(Role.OPERATOR), newest(page)

    alone = browser.post(f"/runs/{run}/retry")
    with at_work(page):
        done = browser.post(f"/runs/{run}/retry")

    assert (alone.status_code, done.status_code) == (422, 303)
    assert "No worker is running" in text_of(alone)
    assert done.headers["location"] == f"/runs/{newest(page)}"


def test_a_run_under_way_is_shown_with_its_files_and_can_be_cancelled(shared):
    browser, run = shared.browser(Role.OPERATOR), begun(shared)

    shown = browser.get(f"/runs/{run}")
    asked = text_of(browser.get(f"/runs/{run}/cancel"))
    cancelled = browser.post(f"/runs/{run}/cancel")

    assert "Reading: 25.0 MB of 100 MB, 12,345 rows" in text_of(shown)
    assert "<b>big</b>" not in shown.text
    assert f'sse-connect="/runs/{run}/events"' in shown.text
    assert "Work that is not saved yet is undone" in asked
    assert (cancelled.status_code, shared.app.ledger.runs.get(run).cancel_asked_at is not None) == (303, True)
    assert "cancelling" in text_of(browser.get(f"/runs/{run}"))


def test_a_run_that_is_over_is_told_once_and_the_stream_ends(shared):
    answer = shared.browser(Role.VIEWER).get(f"/runs/{over(shared)}/events")

    named = [line for line in answer.text.splitlines() if line.startswith("event: ")]
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert named == [f"event: {name}" for name in (*events.PARTS, "files", "over")]


def test_events_of_no_run_and_of_nobody_are_refused(shared):
    run = over(shared)

    answers = [
        shared.browser(Role.VIEWER).get("/runs/nothing/events"),
        shared.stranger().get(f"/runs/{run}/events"),
    ]

    assert [each.status_code for each in answers] == [404, 303]


@contextmanager
def followed(shared, address, run, token):
    host = address.removeprefix("http://")
    connection = http.client.HTTPConnection(host, timeout=120)
    connection.request("GET", f"/runs/{run}/events", headers={"Cookie": f"{COOKIE}={token}"})
    answer = connection.getresponse()
    assert answer.status == 200
    try:
        yield answer
    finally:
        connection.close()


def until(answer, wanted: str) -> str:
    """What is told up to a line that has this in it."""
    told = ""
    while wanted not in told:
        line = answer.readline().decode()
        assert line, told
        told += line
    return told


@pytest.fixture
def token(shared):
    return sessions.begin(shared.app, shared.person(Role.OPERATOR), "127.0.0.1", "a test")


def test_what_changes_is_told_until_the_run_is_over(shared, token, monkeypatch):
    monkeypatch.setattr(events, "EVERY", 0.05)
    run, app = begun(shared), shared.app

    with listening(shared.server, "127.0.0.1", 0) as address, followed(shared, address, run, token) as answer:
        first = until(answer, "25.0 MB of 100 MB")
        lease = app.ledger.runs.take_lease("w", "somebody", lambda _: True)
        tell(shared, run, lease, done=50_000_000)
        second = until(answer, "50.0 MB of 100 MB")
        app.ledger.runs.finish(
            run,
            lease,
            state=app.ledger.runs.get(run).state,
            document={"tasks": []},
            newly_held=0,
            now=app.now(),
        )
        last = until(answer, "event: over")

    assert "event: tasks" in first
    assert "event: tasks" not in second
    assert "event: summary" in last


def test_open_streams_hold_no_server_up(shared, token, monkeypatch):
    monkeypatch.setattr("bucketlift.api.listening.LAST_ANSWERS", 3600)  # longer than the test may take
    run = begun(shared)

    with listening(shared.server, "127.0.0.1", 0) as address, followed(shared, address, run, token) as answer:
        until(answer, "event: log")

    assert shared.server.state.going.is_set()


def test_a_session_follows_only_so_many_at_once_and_each_that_goes_makes_room(shared, token, monkeypatch):
    monkeypatch.setattr(events, "MAX_STREAMS", 1)
    run = begun(shared)

    with listening(shared.server, "127.0.0.1", 0) as address:
        with followed(shared, address, run, token) as one, followed(shared, address, run, token) as other:
            until(one, "event: log")
            refused = until(other, "event: over")
        again = threading.Event()
        while not again.wait(0.05):
            with followed(shared, address, run, token) as third:
                told = until(third, "event:")
            if "over" not in told:
                again.set()

    assert "event: tasks" not in refused


def test_whoever_is_signed_out_is_told_nothing_more(shared, token, monkeypatch):
    monkeypatch.setattr(events, "EVERY", 0.05)
    monkeypatch.setattr(events, "CHECK_SESSION", 0.0)
    run = begun(shared)

    with listening(shared.server, "127.0.0.1", 0) as address, followed(shared, address, run, token) as answer:
        until(answer, "event: log")
        session = sessions.find(shared.app, token)
        assert session is not None
        shared.app.ledger.sessions.end(session.id)
        told = until(answer, "event: over")

    assert shared.app.ledger.runs.get(run).finished_at is None
    assert told.rstrip().endswith("event: over")


def test_a_run_that_waits_says_for_which_run_and_which_worker(page):
    first = begun(page)
    waiting = page.app.ledger.runs.ask("w", 1, trigger="demand", now=page.app.now()).id

    answer = page.browser(Role.VIEWER).get(f"/runs/{waiting}")

    told = text_of(answer)
    assert "Waiting for another run of the workflow" in told
    assert "started by process somebody, which has stopped." in told
    assert f'href="/runs/{first}"' in answer.text
    assert "The next worker finishes that run and then starts this one." in told


def test_a_run_that_no_worker_has_taken_up_says_what_takes_it_up(page):
    waiting = page.app.ledger.runs.ask("w", 1, trigger="demand", now=page.app.now()).id

    told = text_of(page.browser(Role.VIEWER).get(f"/runs/{waiting}"))

    assert "Waiting for a worker to start this run." in told
