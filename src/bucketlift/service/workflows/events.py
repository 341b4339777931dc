"""HTTP calls that start runs: their authentication, stored fields, and secrets."""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bucketlift.errors import RequestWrong, SecretUnreadable
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.logs import log
from bucketlift.model.run import RunId
from bucketlift.model.trigger import HttpEvent, OnEvent, Proof
from bucketlift.notices.webhook import signature
from bucketlift.rules.backing_off import FreeFailures
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.ops import webhook_servers
from bucketlift.service.people.tokens import hashed, new_token
from bucketlift.service.workflows import triggers

LONGEST = 256 * 1024
"""Maximum bytes of the body of a call."""
WINDOW = timedelta(minutes=5)
"""Maximum difference between the time of a signed call and our clock."""
LONGEST_VALUE = 1_000
"""Maximum characters of the value of a stored field."""
TRIGGER = "event"
"""The trigger of a run that a call started."""
_FREE = FreeFailures(free=10)
_MADE = "event-"
"""The prefix of the names of secrets that Bucketlift generates for HTTP events."""
_NO_WORKFLOW = "no workflow has this secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """An HTTP call that the server received."""

    body: bytes
    address: str
    """The client's IP address."""
    token: str | None = None
    timestamp: str | None = None
    signature: str | None = None
    id: str | None = None
    """The caller's ID for the call. A call with a token is accepted only once for each ID."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    run: RunId | None
    why: str = ""
    """Why the call started no new run; empty if it started one."""


class CallRefused(RequestWrong):
    """The call was refused. The error is the same for an unknown workflow and for an invalid token or
    signature, so that a caller cannot find out which workflows exist.
    """

    default_hint = "Send the token, or the time and signature, as shown on the workflow's page, and check the clock of the caller."


class TooManyCalls(RequestWrong):
    """There were too many calls from one address without a valid token or signature."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        super().__init__("Too many calls were refused", hint=f"Try again in {self.seconds} s.")


class SwitchedOff(RequestWrong):
    default_hint = "Switch the workflow on, then call again."


def new_event(
    app: App, workflow: str, proof: Proof, *, by: str | None = None, form: str = ""
) -> tuple[int, str | None]:
    """Add an HTTP event. Returns the position of the trigger, and its secret, which is shown only once.

    If the form with the key ``form`` added an event before, returns its position without the secret.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
    """
    known = triggers.made_by(app, drafts.get(app, workflow), form) if form else None
    if known is not None:
        return known, None
    name, secret = f"{_MADE}{secrets.token_hex(6)}", new_token()
    trigger = {"event": {proof.value: {"secret": name}}}
    draft = triggers.keep(app, workflow, None, trigger, by=by, form=form, secrets={name: secret})
    return len(draft.document["triggers"]) - 1, secret


def renew(app: App, workflow: str, position: int) -> str:
    """Replace the secret of a trigger. The old secret is not valid any more.

    Raises:
        NotFound: there is no such trigger.
        RequestWrong: the page did not make the secret, so other things may use it.
    """
    draft = drafts.get(app, workflow)
    event = event_of(triggers.at(draft, position))
    name = next((event[each]["secret"] for each in Proof if "secret" in event.get(each, {})), None)
    if draft.project is not None or name is None or not name.startswith(_MADE):
        raise RequestWrong(
            "The operator manages this secret",
            to=draft.title,
            hint="Change the secret in the place that the workflow file names.",
        )
    secret = new_token()
    app.vault.put(name, secret, now=app.now())
    return secret


def remove(
    app: App, workflow: str, position: int, *, number: int | None = None, by: str | None = None
) -> None:
    """Remove a trigger. If the workflow was never published, also delete the trigger's secret.

    Raises:
        ChangedMeanwhile, NotFound: as in ``drafts.change``.
    """
    trigger = triggers.at(drafts.get(app, workflow), position)
    draft = triggers.remove(app, workflow, position, number=number, by=by)
    if draft.based_on is None:
        forget(app, {"triggers": [trigger]})


def forget(app: App, document: Form, *, but: Form | None = None) -> None:
    """Delete the generated secrets of a workflow's events and notices, except those that another document
    uses.
    """
    known = app.vault.names()
    for name in _secrets(document) - _secrets(but or {}):
        if name.startswith((_MADE, webhook_servers.SECRET)) and name in known:
            app.vault.delete(name)


def _secrets(document: Form) -> set[str]:
    proofs = [
        each["event"].get(proof, {})
        for each in document.get("triggers", ())
        if "event" in each
        for proof in Proof
    ]
    channels = [
        entry.get(kind) or {}
        for entry in document.get("notify") or ()
        for kind in ("webhook", "slack", "teams")
    ]
    return {each["secret"] for each in (*proofs, *channels) if "secret" in each}


def with_fields(event: Form, fields: Mapping[str, str], only_if: Mapping[str, str]) -> Form:
    """The event with the fields to store, and with the values that a call must have."""
    kept = {key: value for key, value in event.items() if key not in ("fields", "only_if")}
    return (
        kept | ({"fields": dict(fields)} if fields else {}) | ({"only_if": dict(only_if)} if only_if else {})
    )


def receive(app: App, workflow: str, call: Call) -> Answer:
    """Start a run for a call. If a run is queued already, the call is added to it. A repeated call starts
    nothing.

    Raises:
        CallRefused: the token or signature is not valid for a trigger of this workflow.
        RequestWrong: the body is not JSON.
        SwitchedOff: the workflow is switched off.
        TooManyCalls: too many calls from this address were refused.
    """
    now = app.now()
    caller = hashed(f"event {call.address}")
    if wait := app.ledger.sign_in_attempts.count({caller: _FREE}, now):
        raise TooManyCalls(wait)
    events = _events(app, workflow)
    proven = [each for each in events if _proves(app, each, call, now)]
    if not events:
        _has_proof(
            _NO_WORKFLOW, Proof.SIGNATURE if call.signature else Proof.TOKEN, call
        )  # take the same time as for a workflow with a trigger
    if not proven:
        log.warning("event refused", address=call.address)
        raise CallRefused("The token or signature is not valid")
    app.ledger.sign_in_attempts.take_back(caller)
    definition = app.ledger.catalog.workflow(workflow)
    if not definition.workflow.enabled:
        raise SwitchedOff("The workflow is switched off", to=workflow)
    event, body = proven[0], _json(call.body)
    fields = {field.name: _value_at(field.path, body) for field in event.fields}
    unmet = [name for name, expected in event.only_if if _word(fields.get(name)) != expected]
    if unmet:
        return Answer(run=None, why=f"field {unmet[0]} does not match")
    run, known = app.ledger.events.begin(
        workflow, definition.version, mark=_identity(event, call), trigger=TRIGGER, fields=fields, now=now
    )
    if run is None:
        return Answer(run=RunId(known), why="this call was already accepted")
    log.info("run asked", run=run.id, workflow=workflow, trigger=TRIGGER)
    return Answer(run=run.id)


def _events(app: App, workflow: str) -> list[HttpEvent]:
    found = app.ledger.catalog.workflows().get(workflow)
    begun = found.workflow.triggers if found else ()
    return [each.event for each in begun if isinstance(each, OnEvent)]


def _proves(app: App, event: HttpEvent, call: Call, now: datetime) -> bool:
    try:
        secret = app.vault.reveal(event.secret)
    except SecretUnreadable as error:
        log.error("secret of an event cannot be read", to=error.to)
        return False
    in_time = event.proof is Proof.TOKEN or _in_time(call.timestamp, now)
    return _has_proof(secret, event.proof, call) and in_time


def _has_proof(secret: str, proof: Proof, call: Call) -> bool:
    if proof is Proof.TOKEN:
        sent, expected = call.token or "", secret
    else:
        sent = (call.signature or "").removeprefix("sha256=")
        expected = signature(secret, call.timestamp or "", call.body)
    return hmac.compare_digest(sent.encode(), expected.encode())


def _in_time(timestamp: str | None, now: datetime) -> bool:
    if timestamp is None or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def _identity(event: HttpEvent, call: Call) -> str:
    """The identity of a call, by which a repeat is recognised: its signature, or the caller's ID. A call with
    neither is always new.
    """
    if event.proof is Proof.SIGNATURE:
        identity = f"signature {call.timestamp} {(call.signature or '').removeprefix('sha256=')}"
    else:
        identity = f"id {call.id}" if call.id else f"call {secrets.token_hex(16)}"
    return hashlib.sha256(identity.encode()).hexdigest()


def _json(body: bytes) -> Any:
    try:
        document = json.loads(body, parse_constant=_no_number) if body.strip() else {}
    except (ValueError, RecursionError):
        raise RequestWrong("The body is not JSON", hint="Send a JSON document, or an empty body.") from None
    return document


def _no_number(word: str) -> None:
    """Refuse NaN and Infinity, which are not valid JSON (RFC 8259)."""
    raise ValueError(word)


def _value_at(path: str, body: Any) -> Any:
    """The text, number or boolean that a path finds in the body; None if it finds no value, or another kind
    of value.
    """
    import jsonpath_rfc9535 as jsonpath  # noqa: PLC0415 - needed only for events

    try:
        node = jsonpath.find_one(path, body)
    except (jsonpath.JSONPathError, RecursionError):
        return None
    value = None if node is None else node.value
    if isinstance(value, str):
        return value[:LONGEST_VALUE]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if isinstance(value, bool | int | float) else None


def _word(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def event_of(trigger: Form) -> Form:
    """The event of a trigger.

    Raises:
        RequestWrong: the trigger is of another kind.
    """
    if "event" not in trigger:
        raise RequestWrong("This trigger is not an HTTP event")
    event: Form = trigger["event"]
    return event
