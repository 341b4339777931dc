"""Calls by HTTP that begin runs."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import RequestWrong
from bucketlift.ledger.triggers.events import Event
from bucketlift.model.account import VaultSecret
from bucketlift.model.trigger import Proof
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import events, switching, workflows
from bucketlift.service.workflows.events import Answer, Call, CallRefused, TooManyCalls

from .conftest import EXTRACT, PEOPLE

BODY = {"order": {"id": 7, "state": "done"}, "note": "x" * 2000}
FIELDS = {"order": "$.order.id", "state": "$.order.state", "none": "$.gone", "whole": "$.order"}

ELSEWHERE = [{"id": "files", "extract": EXTRACT | {"prefix": "other/"}}, PEOPLE]


@pytest.fixture
def on(app, make):
    """A workflow that is on and heeds calls with this proof: its key, and the secret."""

    def switched(proof, only_if=None):
        key = make()
        position, secret = events.new_event(app, key, proof)

        def with_fields(document):
            document["triggers"][position]["event"] |= {"fields": FIELDS, "only_if": only_if or {}}
            return document

        drafts.change(app, key, with_fields)
        switching.switch_on(app, key)
        return key, secret

    return switched


def signed(app, secret, body=b"{}", *, ago=timedelta(0)):
    timestamp = str(int((app.now() - ago).timestamp()))
    made = hmac.new(secret.encode(), f"{timestamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Bucketlift-Timestamp": timestamp, "Bucketlift-Signature": f"sha256={made}"}


def test_a_call_with_the_token_begins_a_run_and_its_fields_are_kept(app, on, stranger):
    key, token = on(Proof.TOKEN)

    answer = stranger.post(f"/events/{key}", json=BODY, headers={"Authorization": f"Bearer {token}"})

    (run,) = app.ledger.runs.find(workflow=key)
    (event,) = app.ledger.events.of_run(run.id)
    assert (answer.status_code, answer.json()) == (202, {"run": run.id})
    assert run.trigger == "event"
    assert event == Event(at=event.at, fields={"order": 7, "state": "done", "none": None, "whole": None})


def test_the_token_may_stand_in_the_address(on, stranger):
    key, token = on(Proof.TOKEN)

    assert stranger.post(f"/events/{key}?token={token}").status_code == 202


def test_calls_join_the_run_that_waits(app, on, stranger):
    key, token = on(Proof.TOKEN)

    runs = [stranger.post(f"/events/{key}?token={token}").json()["run"] for _ in range(2)]

    assert [each.id for each in app.ledger.runs.find(workflow=key)] == [runs[0]] == list(set(runs))
    assert len(app.ledger.events.of_run(runs[0])) == 2


def test_a_signed_call_begins_one_run_however_often_it_is_sent(app, on, stranger):
    key, secret = on(Proof.SIGNATURE)
    body = json.dumps(BODY).encode()
    headers = signed(app, secret, body)

    first = stranger.post(f"/events/{key}", content=body, headers=headers)
    app.ledger.runs.cancel(first.json()["run"], document={}, now=app.now())
    again = stranger.post(f"/events/{key}", content=body, headers=headers)

    assert first.status_code == 202
    assert (again.status_code, again.json()) == (
        200,
        {"run": first.json()["run"], "why": "this call was already accepted"},
    )
    assert len(app.ledger.runs.find(workflow=key)) == 1


def test_a_call_with_a_token_is_good_once_where_the_caller_names_it(on, stranger):
    key, token = on(Proof.TOKEN)
    named = {"Authorization": f"Bearer {token}", "Bucketlift-Id": "delivery-1"}

    assert [stranger.post(f"/events/{key}", headers=named).status_code for _ in range(2)] == [202, 200]


def refusal(app, key, call):
    with pytest.raises(RequestWrong) as refused:
        events.receive(app, key, call)
    return refused.type


Change = Callable[[dict[str, str]], tuple[dict[str, str], bytes]]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda headers: (headers, b'{"a": 1}'), id="another body"),
        pytest.param(lambda headers: (headers | {"Bucketlift-Timestamp": "1"}, b"{}"), id="another time"),
        pytest.param(lambda headers: (headers | {"Bucketlift-Signature": ""}, b"{}"), id="no signature"),
        pytest.param(lambda headers: (headers | {"Bucketlift-Timestamp": "٣"}, b"{}"), id="no number"),
    ],
)
def test_what_was_not_signed_so_is_refused(app, on, change: Change):
    key, secret = on(Proof.SIGNATURE)
    headers, body = change(signed(app, secret))

    with pytest.raises(CallRefused):
        events.receive(
            app,
            key,
            Call(
                body=body,
                address="here",
                timestamp=headers["Bucketlift-Timestamp"],
                signature=headers["Bucketlift-Signature"],
            ),
        )
    assert app.ledger.runs.find(workflow=key) == ()


@pytest.mark.parametrize(("minutes", "status"), [(4, 202), (-4, 202), (6, 401), (-6, 401)])
def test_a_signature_is_good_for_five_minutes(app, on, stranger, minutes, status):
    key, secret = on(Proof.SIGNATURE)

    answer = stranger.post(
        f"/events/{key}", content=b"{}", headers=signed(app, secret, ago=timedelta(minutes=minutes))
    )

    assert answer.status_code == status


def test_a_wrong_token_and_an_unknown_workflow_are_answered_alike(on, published, stranger):
    key, _ = on(Proof.TOKEN)
    without = published("Without an event", tasks=ELSEWHERE)

    answers = [
        stranger.post(f"/events/{each}", headers={"Authorization": "Bearer wrong"})
        for each in (key, "gone", without)
    ]

    assert {(answer.status_code, answer.text) for answer in answers} == {(401, answers[0].text)}


def test_whoever_guesses_must_wait(app, on):
    key, _ = on(Proof.TOKEN)

    answers = [refusal(app, key, Call(body=b"", address="203.0.113.9", token="guess")) for _ in range(16)]

    assert answers[:10] == [CallRefused] * 10
    assert TooManyCalls in answers


def test_calls_that_are_let_in_count_for_nothing(app, on):
    key, token = on(Proof.TOKEN)

    for _ in range(12):
        assert events.receive(app, key, Call(body=b"", address="here", token=token)).run


def test_only_calls_whose_fields_are_as_wanted_begin_a_run(app, on, stranger):
    key, token = on(Proof.TOKEN, only_if={"state": "done", "order": "7"})
    other = {"order": {"id": 7, "state": "open"}}

    answers = [stranger.post(f"/events/{key}?token={token}", json=body) for body in (other, BODY)]

    assert (answers[0].status_code, answers[0].json()) == (
        200,
        {"run": None, "why": "field state does not match"},
    )
    assert answers[1].status_code == 202
    assert len(app.ledger.runs.find(workflow=key)) == 1


@pytest.mark.parametrize("body", [b"{", b"[" * 100_000, b'{"a": NaN}', b"\xff"])
def test_what_is_no_json_is_refused(app, on, stranger, body):
    key, token = on(Proof.TOKEN)

    answer = stranger.post(f"/events/{key}?token={token}", content=body)

    assert (answer.status_code, answer.json()["error"]) == (422, "The body is not JSON")
    assert app.ledger.runs.find(workflow=key) == ()


def test_a_large_body_is_not_read_to_its_end(on, stranger):
    key, token = on(Proof.TOKEN)

    answer = stranger.post(f"/events/{key}?token={token}", content=b" " * (events.LONGEST + 1))

    assert answer.status_code == 413


def test_a_workflow_that_is_off_says_so_to_whoever_may_call_it(app, on, stranger):
    key, token = on(Proof.TOKEN)
    switching.switch_off(app, key)

    answer = stranger.post(f"/events/{key}?token={token}")

    assert (answer.status_code, answer.json()["error"]) == (409, "The workflow is switched off")


def test_a_new_secret_ends_the_former_one_at_once(app, on):
    key, token = on(Proof.TOKEN)
    newer = events.renew(app, key, 0)

    with pytest.raises(CallRefused):
        events.receive(app, key, Call(body=b"", address="here", token=token))
    assert isinstance(events.receive(app, key, Call(body=b"", address="here", token=newer)), Answer)


def test_fields_that_no_database_keeps_are_left_out(app, on):
    key, token = on(Proof.TOKEN)
    call = Call(body=b'{"order": {"id": 1e999, "state": "\\u0000\\ud800"}}', address="here", token=token)

    answer = events.receive(app, key, call)

    (event,) = app.ledger.events.of_run(str(answer.run))
    assert (event.fields["order"], event.fields["state"]) == (None, "\x00\ud800")
    assert replace(event, fields={}).fields == {}


def test_a_number_beyond_all_floats_is_kept_as_it_is(app, on):
    key, token = on(Proof.TOKEN)
    call = Call(body=b'{"order": {"id": 1%s}}' % (b"0" * 400), address="here", token=token)

    answer = events.receive(app, key, call)

    (event,) = app.ledger.events.of_run(str(answer.run))
    assert event.fields["order"] == 10**400


def test_half_a_pair_in_a_call_is_shown_with_its_run(app, on, as_viewer):
    key, token = on(Proof.TOKEN)
    call = Call(body=b'{"order": {"state": "\\u0000\\ud800"}}', address="here", token=token)

    answer = events.receive(app, key, call)

    assert as_viewer.get(f"/runs/{answer.run}").status_code == 200


def test_an_event_without_its_secret_lets_nobody_in(app, make):
    key = make(triggers=[{"event": {"token": {"secret": "gone"}}}])
    drafts.publish(app, key, enabled=True)

    for token in (None, "", "gone"):
        with pytest.raises(CallRefused):
            events.receive(app, key, Call(body=b"", address="here", token=token))


def test_a_path_that_finds_several_values_is_refused(app, make):
    key = make(triggers=[{"event": {"token": {"secret": "s"}, "fields": {"all": "$..id"}}}])

    with pytest.raises(DefinitionWrong, match="this path can find several values"):
        drafts.publish(app, key)


def test_a_run_shows_what_was_kept_of_its_calls(app, on, as_operator, as_viewer, text):
    key, token = on(Proof.TOKEN)
    answer = events.receive(app, key, Call(body=json.dumps(BODY).encode(), address="here", token=token))

    told = [text(browser.get(f"/runs/{answer.run}")) for browser in (as_operator, as_viewer)]

    assert "order: 7 state: done none: empty" in told[0]
    assert "order: not shown to your role" in told[1]


def test_the_secrets_of_a_deleted_workflow_are_gone(app, on):
    key, _ = on(Proof.TOKEN)
    app.vault.put("somebody-elses", "x", now=app.now())

    workflows.delete(app, key)

    assert app.vault.names() == ("somebody-elses",)


def test_a_trigger_that_was_never_in_use_leaves_no_secret(app, make):
    key = make()
    position, _ = events.new_event(app, key, Proof.SIGNATURE)

    events.remove(app, key, position)

    assert (app.vault.names(), drafts.get(app, key).document["triggers"]) == ((), [])


def test_a_secret_is_made_anew_only_for_the_trigger_that_somebody_saw(app, make, as_editor):
    key = make()
    events.new_event(app, key, Proof.TOKEN)
    position, secret = events.new_event(app, key, Proof.TOKEN)
    seen = drafts.get(app, key).number
    events.remove(app, key, 0)

    refused = as_editor.post(f"/workflows/{key}/triggers/0/renew", data={"number": seen})

    (name,) = app.vault.names()
    assert (position, refused.status_code, app.vault.reveal(VaultSecret(secret=name))) == (1, 422, secret)
