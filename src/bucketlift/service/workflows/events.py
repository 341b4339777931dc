"""Calls by HTTP that begin runs: who may call, what is kept of a call, and the secrets that prove it."""

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
from bucketlift.rules.backing_off import Patience
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.people.tokens import hashed, new_token
from bucketlift.service.workflows import triggers

LONGEST = 256 * 1024
"""Bytes of a call's body."""
WINDOW = timedelta(minutes=5)
"""How far the time of a signed call may be from ours."""
LONGEST_VALUE = 1_000
"""Characters of a field that are kept."""
TRIGGER = "event"
"""The trigger of a run that a call began."""
_FREE = Patience(free=10)
_MADE = "event-"
"""How the names of secrets begin that are made here."""
_NOBODY = "no workflow has this secret"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What came in."""

    body: bytes
    address: str
    """Whom it came from."""
    token: str | None = None
    timestamp: str | None = None
    signature: str | None = None
    id: str | None = None
    """The caller's own name for the call; a token's call with it is good once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    run: RunId | None
    why: str = ""
    """Why there is no new run."""


class CallRefused(RequestWrong):
    """The same for a workflow that is not there, and for a proof that is none."""

    default_hint = (
        "Send the token, or the time and its signature, as the workflow's page shows; mind that clocks agree."
    )


class TooManyCalls(RequestWrong):
    """Too many calls without a proof came from one address."""

    def __init__(self, wait: timedelta) -> None:
        self.seconds = max(1, int(wait.total_seconds()))
        super().__init__("Too many calls were refused", hint=f"Try again in {self.seconds} s.")


class SwitchedOff(RequestWrong):
    default_hint = "Switch the workflow on; then call again."


def new_event(app: App, workflow: str, proof: Proof, *, by: str | None = None) -> tuple[int, str]:
    """Let calls begin a workflow: the trigger's position, and the secret, which is shown this once.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as ``drafts.change``.
    """
    name, secret = f"{_MADE}{secrets.token_hex(6)}", new_token()
    draft = triggers.keep(app, workflow, None, {"event": {proof.value: {"secret": name}}}, by=by)
    app.vault.put(name, secret, now=app.now())
    return len(draft.document["triggers"]) - 1, secret


def renew(app: App, workflow: str, position: int) -> str:
    """Another secret for a trigger; the former one is good for nothing from now on.

    Raises:
        NotFound: there is no such trigger.
        RequestWrong: its secret does not rest in the vault.
    """
    draft = drafts.get(app, workflow)
    event = event_of(triggers.at(draft, position))
    name = next((event[each]["secret"] for each in Proof if "secret" in event.get(each, {})), None)
    if draft.project is not None or name is None:
        raise RequestWrong(
            "The operator keeps this secret",
            to=draft.title,
            hint="Change it where the workflow file names it.",
        )
    secret = new_token()
    app.vault.put(name, secret, now=app.now())
    return secret


def remove(
    app: App, workflow: str, position: int, *, number: int | None = None, by: str | None = None
) -> None:
    """Take a trigger away; the secret of one that was never in use goes with it.

    Raises:
        ChangedMeanwhile, NotFound: as ``drafts.change``.
    """
    trigger = triggers.at(drafts.get(app, workflow), position)
    draft = triggers.remove(app, workflow, position, number=number, by=by)
    if draft.based_on is None:
        forget(app, {"triggers": [trigger]})


def forget(app: App, document: Form, *, but: Form | None = None) -> None:
    """Throw away the secrets that were made for a workflow's events, but for those that another document names."""
    known = app.vault.names()
    for name in _secrets(document) - _secrets(but or {}):
        if name.startswith(_MADE) and name in known:
            app.vault.delete(name)


def _secrets(document: Form) -> set[str]:
    proofs = [
        each["event"].get(proof, {})
        for each in document.get("triggers", ())
        if "event" in each
        for proof in Proof
    ]
    return {proof["secret"] for proof in proofs if "secret" in proof}


def with_fields(event: Form, fields: Mapping[str, str], only_if: Mapping[str, str]) -> Form:
    """An event that keeps these fields, and heeds only calls whose fields are so."""
    kept = {key: value for key, value in event.items() if key not in ("fields", "only_if")}
    return (
        kept | ({"fields": dict(fields)} if fields else {}) | ({"only_if": dict(only_if)} if only_if else {})
    )


def receive(app: App, workflow: str, call: Call) -> Answer:
    """Begin a run for a call, or join the one that waits. A call that was heeded once begins nothing again.

    Raises:
        CallRefused: the proof fits no trigger of a workflow of this name.
        RequestWrong: the body is not JSON.
        SwitchedOff: the workflow is.
        TooManyCalls: too many were refused before.
    """
    now = app.now()
    caller = hashed(f"event {call.address}")
    if wait := app.ledger.sign_in_attempts.count({caller: _FREE}, now):
        raise TooManyCalls(wait)
    events = _events(app, workflow)
    proven = [each for each in events if _proves(app, each, call, now)]
    if not events:
        _fits(_NOBODY, Proof.SIGNATURE if call.signature else Proof.TOKEN, call)  # takes as long as with one
    if not proven:
        log.warning("event refused", address=call.address)
        raise CallRefused("This call is not let in")
    app.ledger.sign_in_attempts.take_back(caller)
    definition = app.ledger.catalog.workflow(workflow)
    if not definition.workflow.enabled:
        raise SwitchedOff("The workflow is switched off", to=workflow)
    event, said = proven[0], _json(call.body)
    fields = {field.name: _found(field.path, said) for field in event.fields}
    unmet = [name for name, wanted in event.only_if if _word(fields.get(name)) != wanted]
    if unmet:
        return Answer(run=None, why=f"field {unmet[0]} is not as wanted")
    run, known = app.ledger.events.begin(
        workflow, definition.version, mark=_mark(event, call), trigger=TRIGGER, fields=fields, now=now
    )
    if run is None:
        return Answer(run=RunId(known), why="this call was heeded before")
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
        # It says enough.
        log.error("secret of an event cannot be read", to=error.to)
        return False
    in_time = event.proof is Proof.TOKEN or _in_time(call.timestamp, now)
    return _fits(secret, event.proof, call) and in_time


def _fits(secret: str, proof: Proof, call: Call) -> bool:
    if proof is Proof.TOKEN:
        told, wanted = call.token or "", secret
    else:
        told = (call.signature or "").removeprefix("sha256=")
        wanted = signature(secret, call.timestamp or "", call.body)
    return hmac.compare_digest(told.encode(), wanted.encode())


def _in_time(timestamp: str | None, now: datetime) -> bool:
    if timestamp is None or not timestamp.isascii() or not timestamp.isdigit() or len(timestamp) > 12:
        return False
    return abs(now.timestamp() - int(timestamp)) <= WINDOW.total_seconds()


def _mark(event: HttpEvent, call: Call) -> str:
    """A signature is its own name; a call with a token is told from others by the caller's name for it only."""
    if event.proof is Proof.SIGNATURE:
        told = f"signature {call.timestamp} {(call.signature or '').removeprefix('sha256=')}"
    else:
        told = f"id {call.id}" if call.id else f"call {secrets.token_hex(16)}"
    return hashlib.sha256(told.encode()).hexdigest()


def _json(body: bytes) -> Any:
    try:
        said = json.loads(body, parse_constant=_no_number) if body.strip() else {}
    except (ValueError, RecursionError):
        raise RequestWrong("The body is not JSON", hint="Send a JSON document, or an empty body.") from None
    return said


def _no_number(word: str) -> None:
    """NaN and Infinity are no JSON (RFC 8259), and no database would keep them."""
    raise ValueError(word)


def _found(path: str, said: Any) -> Any:
    """A text, number or truth value; None for anything else, and where there is nothing."""
    import jsonpath_rfc9535 as jsonpath  # noqa: PLC0415 - only where there are events

    try:
        node = jsonpath.find_one(path, said)
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
    """Raises: RequestWrong: it is another kind of trigger."""
    if "event" not in trigger:
        raise RequestWrong("This trigger is no event")
    event: Form = trigger["event"]
    return event
