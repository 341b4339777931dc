"""Notices in the ledger: written down once with their run, and handed to one sender at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bucketlift.ledger.triggers.notices import WAITS, Notices
from bucketlift.model.account import EnvSecret
from bucketlift.model.lifecycle import RunState
from bucketlift.model.notice import Mailbox, Notice, NoticeState, Webhook
from builders import NOON

A_MINUTE = timedelta(minutes=1)


def a_notice(**changes):
    notice = Notice(
        id="n1",
        workflow="nightly",
        run="r",
        occasion="failed",
        channel=Mailbox(email="hr@example.com"),
        body={"format": 1},
        made_at=NOON,
        due_at=NOON,
    )
    return replace(notice, **changes)


@pytest.fixture
def finished(ledger):
    ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)
    ledger.runs.finish(ledger.run, ledger.lease, state=RunState.FAILED, document={}, newly_held=0, now=NOON)
    return Notices(ledger.database), ledger.run


def test_a_run_that_still_goes_on_is_not_told_of(ledger):
    assert Notices(ledger.database).unplanned() == ()


def test_a_run_is_planned_once_with_all_of_its_notices(finished):
    notices, run = finished
    hook = a_notice(id="n2", channel=Webhook(webhook=EnvSecret(env="HOOK"), signing=EnvSecret(env="KEY")))
    waiting = notices.unplanned()

    first, second = notices.plan(run, [a_notice(), hook]), notices.plan(run, [a_notice(id="n3")])

    assert (waiting, notices.unplanned()) == ((run,), ())
    assert (first, second) == (True, False)
    assert sorted(notices.find(), key=lambda each: each.id) == [a_notice(), hook]


def test_a_crash_while_planning_leaves_the_run_to_be_planned_again(finished):
    notices, run = finished

    with pytest.raises(sa.exc.IntegrityError):
        notices.plan(run, [a_notice(), a_notice()])

    assert (notices.unplanned(), notices.find()) == ((run,), ())


def test_a_taken_notice_is_given_to_nobody_else_before_its_next_try(finished):
    notices, run = finished
    notices.plan(run, [a_notice()])

    taken = [notices.take(NOON + after) for after in (timedelta(0), timedelta(seconds=59), A_MINUTE)]

    assert taken == [
        a_notice(tries=1, due_at=NOON + A_MINUTE),
        None,
        a_notice(tries=2, due_at=NOON + 6 * A_MINUTE),
    ]


def test_what_is_due_longest_is_taken_first(finished):
    notices, run = finished
    notices.plan(run, [a_notice(id="late", due_at=NOON + A_MINUTE), a_notice(id="soon")])

    taken = [notices.take(NOON + 2 * A_MINUTE) for _ in range(3)]

    assert [each and each.id for each in taken] == ["soon", "late", None]


def test_a_sent_notice_is_never_taken_again(finished):
    notices, run = finished
    notices.plan(run, [a_notice()])
    notices.take(NOON)

    notices.sent("n1", now=NOON)

    assert not notices.is_due(NOON + timedelta(days=9))
    assert notices.find() == (
        a_notice(tries=1, due_at=NOON + A_MINUTE, state=NoticeState.SENT, sent_at=NOON),
    )


def test_a_notice_is_tried_for_about_a_day_and_then_given_up(finished):
    notices, run = finished
    notices.plan(run, [a_notice()])

    now, tried = NOON, []
    for _ in range(20):
        taken = notices.take(now)
        if taken is None:
            break
        tried.append(now - NOON)
        notices.failed(taken, "The mail server does not answer")
        now = taken.due_at

    (given_up,) = notices.find()
    assert (given_up.state, given_up.tries, given_up.note) == (
        NoticeState.GIVEN_UP,
        len(WAITS) + 1,
        "The mail server does not answer",
    )
    assert (tried[1], tried[-1]) == (A_MINUTE, sum(WAITS, timedelta(0)))
    assert timedelta(hours=20) < tried[-1] < timedelta(hours=28)


def test_a_notice_that_was_put_off_before_the_clock_was_set_back_is_due(finished):
    notices, run = finished
    year = NOON + timedelta(days=365)
    notices.plan(run, [a_notice(made_at=year, due_at=year)])
    notices.take(year)

    assert notices.is_due(NOON)
