"""Tell people: write notices down with the runs they tell of, and send those that are due."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bucketlift.errors import BucketliftError, LedgerUnavailable, NotDelivered, RequestWrong, places_of
from bucketlift.logs import log
from bucketlift.model.lifecycle import RunState
from bucketlift.model.notice import Channel, Mailbox, Notice, NoticeState, Occasion, Webhook
from bucketlift.model.run import OUTBOX, Run, RunId
from bucketlift.model.workflow import Workflow
from bucketlift.notices import facts
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App
from bucketlift.service.ops.silence import listen

WITHIN = timedelta(seconds=10)
"""How long a delivery may take in all."""


def plan(app: App) -> None:
    """Write down the notices of every run that ended, and of every silence, that nobody wrote down yet.

    A run is marked, and a silence settled, in the transaction that writes the notices: a crash loses none and
    repeats none.
    """
    while runs := app.ledger.notices.unplanned():
        for each in runs:
            _plan_run(app, each)
    listen(app, lambda flow, channel, body: _notice(app, flow, channel, body))


def _plan_run(app: App, run: RunId) -> None:
    """A run that nobody can tell of is marked all the same, or it would keep every other waiting."""
    try:
        app.ledger.notices.plan(run, list(_of_run(app, app.ledger.runs.get(run))))
    except LedgerUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - what nobody foresaw must not silence the others
        # Without the error's own words: they may quote anything.
        log.error(
            "a run's notices cannot be written", run=run, error=type(error).__name__, places=places_of(error)
        )
        app.ledger.notices.plan(run, ())


def send_due(app: App, *, within: timedelta = WITHIN) -> int:
    """Send what is due, one after another, while there is time; how many were sent.

    A notice that cannot be sent is tried again later, and says why.
    """
    until, sent = time.monotonic() + within.total_seconds(), 0
    while (left := until - time.monotonic()) > 0 and (notice := app.ledger.notices.take(app.now())):
        try:
            _send(app, notice, within=left)
        except BucketliftError as error:
            app.ledger.notices.failed(notice, str(error))
        except Exception as error:  # noqa: BLE001 - what nobody foresaw must not keep the others from being sent
            app.ledger.notices.failed(notice, f"Bucketlift broke off with {type(error).__name__}")
        else:
            app.ledger.notices.sent(notice.id, now=app.now())
            sent += 1
    return sent


def deliver(app: App, *, within: timedelta = WITHIN) -> int:
    """Plan, and send what is due; how many were sent. Nothing heavy is imported where nothing waits."""
    plan(app)
    return send_due(app, within=within) if app.ledger.notices.is_due(app.now()) else 0


def test(app: App, workflow: str) -> list[dict[str, Any]]:
    """Send a test notice to every channel of a workflow now, and say what became of each.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: it tells nobody.
    """
    flow = app.ledger.catalog.workflow(workflow).workflow
    channels = dict.fromkeys(channel for entry in flow.notify for channel in entry.channels)
    if not channels:
        raise RequestWrong(
            "This workflow tells nobody", to=workflow, hint="Give it `notify` in its file, and apply that."
        )
    return [_tested(app, _notice(app, flow, channel, facts.of_test(flow))) for channel in channels]


def shown(notice: Notice) -> dict[str, Any]:
    """One line of a list of notices."""
    waits = notice.state is NoticeState.WAITING
    return {
        "id": notice.id,
        "workflow": notice.workflow,
        "run": notice.run,
        "occasion": notice.occasion,
        "to": address(notice.channel),
        "state": notice.state.value,
        "tries": notice.tries,
        "note": notice.note,
        "made_at": time_text(notice.made_at),
        "due_at": time_text(notice.due_at) if waits else None,
        "sent_at": time_text(notice.sent_at),
    }


def address(channel: Channel) -> str:
    """Where a notice goes; of a webhook only where its address rests."""
    match channel:
        case Mailbox(email=email):
            return email
        case Webhook(webhook=reference):
            ((kind, name),) = asdict(reference).items()
            return f"webhook in {kind} {name}"


def without_mail_server(app: App, workflows: Iterable[Workflow]) -> Iterator[str]:
    """What to say of workflows that name an e-mail address while no mail server is set."""
    for flow in workflows:
        if app.mail is None and any(entry.email for entry in flow.notify):
            yield (
                f"workflow `{flow.key}` tells people by e-mail, and no mail server is set: "
                "set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM"
            )


def _of_run(app: App, run: Run) -> Iterator[Notice]:
    """One notice per channel, whatever it is told of."""
    flow = app.ledger.catalog.of_run(run).workflow
    told: dict[Channel, list[Occasion]] = {}
    for occasion in _occasions(app, run):
        wanted = (entry.channels for entry in flow.notify if occasion in entry.when)
        for channel in dict.fromkeys(channel for channels in wanted for channel in channels):
            told.setdefault(channel, []).append(occasion)
    held = app.ledger.notices.held_by(run.id, limit=facts.FILES_SHOWN) if told and run.newly_held else ()
    for channel, occasions in told.items():
        yield _notice(app, flow, channel, facts.of_run(flow, run, occasions, held), run=run)


def _failed_alike(app: App, run: Run) -> bool:
    """Whether a run that only acts failed as the one before did: it tells nothing that was not told."""
    before = app.ledger.notices.before(run) if run.trigger == OUTBOX else None
    if before is None:
        return False
    former = app.ledger.runs.get(before)
    return former.state is RunState.FAILED and former.faults == run.faults


def _occasions(app: App, run: Run) -> tuple[Occasion, ...]:
    """The most pressing first. A run that only acts on what was loaded before is no success of its own."""
    asked = {
        Occasion.FAILED: run.state is RunState.FAILED and not _failed_alike(app, run),
        Occasion.HELD: run.newly_held > 0,
        Occasion.SUCCEEDED: run.state is RunState.SUCCEEDED and run.trigger != OUTBOX,
    }
    return tuple(occasion for occasion, is_so in asked.items() if is_so)


def _notice(
    app: App, flow: Workflow, channel: Channel, body: dict[str, Any], *, run: Run | None = None
) -> Notice:
    now = app.now()
    return Notice(
        id=secrets.token_hex(8),
        workflow=flow.key,
        run=None if run is None else run.id,
        occasion=body["occasion"],
        channel=channel,
        body=body,
        made_at=now,
        due_at=now,
    )


def _tested(app: App, notice: Notice) -> dict[str, Any]:
    told: dict[str, Any] = {"to": address(notice.channel), "sent": True, "error": None}
    try:
        _send(app, notice, within=WITHIN.total_seconds())
    except BucketliftError as error:
        told |= {"sent": False, "error": {"what": error.what, "to": error.to, "hint": error.hint}}
    return told


def _send(app: App, notice: Notice, *, within: float) -> None:
    match notice.channel:
        case Mailbox(email=to):
            _mail(app, notice, to, within=within)
        case Webhook(webhook=webhook, signing=signing):
            from bucketlift.notices.webhook import post  # noqa: PLC0415 - httpx is slow to import

            key = None if signing is None else app.vault.reveal(signing)
            post(app.vault.reveal(webhook), notice, key=key, now=app.now(), within=within)


def _mail(app: App, notice: Notice, to: str, *, within: float) -> None:
    if app.mail is None:
        raise NotDelivered("No mail server is set", hint="Set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM.")
    from bucketlift.notices.email import message, send  # noqa: PLC0415 - seldom needed

    password = None if app.mail.password is None else app.vault.reveal(app.mail.password)
    send(app.mail, password, message(notice, to, app.mail.sender), within=within)
