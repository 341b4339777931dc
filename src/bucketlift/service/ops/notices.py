"""Creates the notices about runs, and sends the notices that are due."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from bucketlift.errors import BucketliftError, LedgerUnavailable, NotDelivered, RequestWrong, places_of
from bucketlift.logs import log
from bucketlift.model.account import SecretRef
from bucketlift.model.lifecycle import RunState
from bucketlift.model.notice import (
    Channel,
    Mailbox,
    Notice,
    NoticeState,
    Occasion,
    Slack,
    Teams,
    Webhook,
)
from bucketlift.model.run import OUTBOX, Run, RunId
from bucketlift.model.workflow import Workflow
from bucketlift.notices import facts
from bucketlift.notices.chat import slack_body, teams_body
from bucketlift.rules.document import time_text
from bucketlift.service.core.app import App
from bucketlift.service.ops import lateness
from bucketlift.service.ops.silence import Writes, listen
from bucketlift.service.ops.webhook_servers import is_from_page, require_webhook_server

WITHIN = timedelta(seconds=10)
"""The time limit for sending notices."""


def plan(app: App) -> None:
    """Create the notices that are missing: for ended runs, and for expected files that did not arrive.

    The ledger records a run as done in the same transaction that stores its notices, so a crash neither loses
    nor repeats a notice.
    """
    while runs := app.ledger.notices.unplanned():
        for each in runs:
            _plan_run(app, each)
    write: Writes = lambda flow, channel, body: _notice(app, flow.key, channel, body)  # noqa: E731
    listen(app, write)
    lateness.watch(app, write)


def _plan_run(app: App, run: RunId) -> None:
    """Create the notices of a run. If this fails, the run is recorded as done all the same, so that it does
    not block others.
    """
    try:
        app.ledger.notices.plan(run, list(_of_run(app, app.ledger.runs.get(run))))
    except LedgerUnavailable:
        raise
    except Exception as error:  # noqa: BLE001 - an unexpected error must not block the others
        # The error's message is not logged, because it may quote secrets or cells.
        log.error(
            "a run's notices cannot be written", run=run, error=type(error).__name__, places=places_of(error)
        )
        app.ledger.notices.plan(run, ())


def send_due(app: App, *, within: timedelta = WITHIN) -> int:
    """Send due notices one after another within the time limit. Returns the number of sent notices.

    A notice that cannot be sent stores the reason, and is sent again later.
    """
    until, sent = time.monotonic() + within.total_seconds(), 0
    while (left := until - time.monotonic()) > 0 and (notice := app.ledger.notices.take(app.now())):
        try:
            _send(app, notice, within=left)
        except BucketliftError as error:
            app.ledger.notices.failed(notice, str(error))
        except Exception as error:  # noqa: BLE001 - an unexpected error must not block the others
            app.ledger.notices.failed(notice, f"Internal error: {type(error).__name__}")
        else:
            app.ledger.notices.sent(notice.id, now=app.now())
            sent += 1
    return sent


def deliver(app: App, *, within: timedelta = WITHIN) -> int:
    """Create and send notices. Returns the number of sent notices. Slow imports are made only if a notice is
    due.
    """
    plan(app)
    return send_due(app, within=within) if app.ledger.notices.is_due(app.now()) else 0


def test(app: App, workflow: str) -> list[dict[str, Any]]:
    """Send a test notice to every channel of a workflow. Returns the results.

    Raises:
        NotFound: there is no such workflow.
        RequestWrong: the workflow has no ``notify``.
    """
    flow = app.ledger.catalog.workflow(workflow).workflow
    channels = dict.fromkeys(channel for entry in flow.notify for channel in entry.channels)
    if not channels:
        raise RequestWrong(
            "This workflow has no notices",
            to=workflow,
            hint="Add `notify` in its file, and apply the file.",
        )
    return test_channels(app, flow.key, flow.title, tuple(channels))


def test_channels(app: App, workflow: str, title: str, channels: Iterable[Channel]) -> list[dict[str, Any]]:
    """Send a test notice to each of these channels. Returns the results."""
    body = facts.of_test(workflow, title)
    return [_tested(app, _notice(app, workflow, channel, body)) for channel in channels]


def shown(notice: Notice) -> dict[str, Any]:
    """A notice as JSON values, for a list."""
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
    """The recipient of a notice. For a webhook, also of Slack or Teams, the name of the secret that contains its URL."""
    match channel:
        case Mailbox(email=email):
            return email
        case Webhook(webhook=reference):
            return f"webhook in {_named(reference)}"
        case Slack(slack=reference):
            return f"Slack, webhook in {_named(reference)}"
        case Teams(teams=reference):
            return f"Teams, webhook in {_named(reference)}"


def _named(reference: SecretRef) -> str:
    ((kind, name),) = asdict(reference).items()
    return f"{kind} {name}"


def without_mail_server(app: App, workflows: Iterable[Workflow]) -> Iterator[str]:
    """Yield a note for each workflow that sends e-mail although no mail server is configured."""
    for flow in workflows:
        if app.mail is None and any(entry.email for entry in flow.notify):
            yield (
                f"workflow `{flow.key}` sends e-mail, but no mail server is configured: "
                "set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM"
            )


def _of_run(app: App, run: Run) -> Iterator[Notice]:
    """Yield the notices of a run: one per channel, even if it reports several occasions."""
    flow = app.ledger.catalog.of_run(run).workflow
    by_channel: dict[Channel, list[Occasion]] = {}
    for occasion in _occasions(app, run):
        wanted = (entry.channels for entry in flow.notify if occasion in entry.when)
        for channel in dict.fromkeys(channel for channels in wanted for channel in channels):
            by_channel.setdefault(channel, []).append(occasion)
    held = (
        app.ledger.notices.held_by(run.id, limit=facts.FILES_SHOWN) if by_channel and run.newly_held else ()
    )
    for channel, occasions in by_channel.items():
        yield _notice(app, flow.key, channel, facts.of_run(flow, run, occasions, held), run=run)


def _failed_as_before(app: App, run: Run) -> bool:
    """Whether an outbox run failed for the same reason as the run before it, whose failure was already
    reported.
    """
    before = app.ledger.notices.before(run) if run.trigger == OUTBOX else None
    if before is None:
        return False
    former = app.ledger.runs.get(before)
    return former.state is RunState.FAILED and former.faults == run.faults


def _occasions(app: App, run: Run) -> tuple[Occasion, ...]:
    """The occasions that a run reports, the most urgent first. A successful outbox run does not report a
    success.
    """
    asked = {
        Occasion.FAILED: run.state is RunState.FAILED and not _failed_as_before(app, run),
        Occasion.HELD: run.newly_held > 0,
        Occasion.UNUSUAL: run.unusual,
        Occasion.SUCCEEDED: run.state is RunState.SUCCEEDED and run.trigger != OUTBOX,
    }
    return tuple(occasion for occasion, is_so in asked.items() if is_so)


def _notice(
    app: App, workflow: str, channel: Channel, body: dict[str, Any], *, run: Run | None = None
) -> Notice:
    now = app.now()
    return Notice(
        id=secrets.token_hex(8),
        workflow=workflow,
        run=None if run is None else run.id,
        occasion=body["occasion"],
        channel=channel,
        body=body,
        made_at=now,
        due_at=now,
    )


def _tested(app: App, notice: Notice) -> dict[str, Any]:
    result: dict[str, Any] = {"to": address(notice.channel), "sent": True, "error": None}
    try:
        _send(app, notice, within=WITHIN.total_seconds())
    except BucketliftError as error:
        result |= {"sent": False, "error": {"what": error.what, "to": error.to, "hint": error.hint}}
    return result


def _send(app: App, notice: Notice, *, within: float) -> None:
    match notice.channel:
        case Mailbox(email=to):
            _mail(app, notice, to, within=within)
        case Webhook(webhook=webhook, signing=signing):
            from bucketlift.notices.webhook import post  # noqa: PLC0415 - httpx is slow to import

            key = None if signing is None else app.vault.reveal(signing)
            post(_url(app, "webhook", webhook), notice, key=key, now=app.now(), within=within)
        case Slack(slack=slack):
            from bucketlift.notices.webhook import post_body  # noqa: PLC0415 - as above

            post_body(_url(app, "slack", slack), slack_body(notice), within=within)
        case Teams(teams=teams):
            from bucketlift.notices.webhook import post_body  # noqa: PLC0415 - as above

            post_body(_url(app, "teams", teams), teams_body(notice), within=within)


def _url(app: App, kind: str, reference: SecretRef) -> str:
    """The URL of a webhook. If a user entered it on the page, the operator must still allow its server."""
    url = app.vault.reveal(reference)
    if is_from_page(reference):
        require_webhook_server(kind, url, app.allowed)
    return url


def _mail(app: App, notice: Notice, to: str, *, within: float) -> None:
    if app.mail is None:
        raise NotDelivered(
            "No mail server is configured", hint="Set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM."
        )
    from bucketlift.notices.email import message, send  # noqa: PLC0415 - rarely needed

    password = None if app.mail.password is None else app.vault.reveal(app.mail.password)
    send(app.mail, password, message(notice, to, app.mail.sender), within=within)
