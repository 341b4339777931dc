"""The page of a workflow's notices: who gets them, by which way, and what was sent."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bucketlift.model.account import VaultSecret
from bucketlift.model.notice import Mailbox, Notice, Slack, Teams, Webhook
from bucketlift.service.editor import drafts
from bucketlift.service.ops import notices
from bucketlift.service.workflows import recipients, workflows
from builders import NOON

URL = "https://hooks.slack.com/services/T0/B0/canary"
PAGE = "/workflows/nightly/notices"
MAIL = {"when": ["failed"], "email": "hr@example.com"}


@pytest.fixture
def nightly(published):
    return published("Nightly", notify=[MAIL])


def notify_of(app):
    return drafts.get(app, "nightly").document.get("notify")


def test_recipients_are_added_changed_and_removed(app, nightly, as_editor, text):
    as_editor.post(
        f"{PAGE}/add", data={"kind": "email", "address": "a@x.example, b@x.example", "when": "held"}
    )
    as_editor.post(f"{PAGE}/0/when", data={"when": ["failed", "unusual", "late"]})
    as_editor.post(f"{PAGE}/1/delete")

    told = text(as_editor.get(PAGE))
    assert notify_of(app) == [{"when": ["failed", "late", "unusual"], "email": "hr@example.com"}]
    assert "hr@example.com Failed, Late, Unusual" in told
    assert "There are unpublished changes." in told


def test_the_url_of_slack_is_stored_as_a_secret_and_deleted_with_its_recipient(app, nightly, as_editor):
    added = as_editor.post(f"{PAGE}/add", data={"kind": "slack", "address": URL, "when": ["failed", "held"]})
    workflows.use_changes(app, nightly)
    entry = app.ledger.catalog.workflow(nightly).workflow.notify[1]
    name = entry.slack.secret
    known = app.vault.reveal(VaultSecret(secret=name))
    shown = as_editor.get(PAGE).text
    as_editor.post(f"{PAGE}/1/delete")
    workflows.use_changes(app, nightly)

    assert (added.status_code, known, "canary" in shown) == (303, URL, False)
    assert entry.channels == (Slack(slack=VaultSecret(secret=name)),)
    assert name not in app.vault.names()


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        ({"kind": "email", "address": "nobody", "when": "failed"}, "Not an e-mail address"),
        ({"kind": "email", "address": "a@x.example"}, "No occasion is chosen"),
        ({"kind": "email", "address": "a@x.example", "when": "silent"}, "No expected time of a file is set"),
        (
            {"kind": "slack", "address": "http://hooks.slack.com/x", "when": "failed"},
            "This is not an HTTPS address",
        ),
        (
            {"kind": "slack", "address": "https://hooks.slack.com.x.example/", "when": "failed"},
            "webhook of Slack",
        ),
        (
            {"kind": "slack", "address": "https://u@hooks.slack.com/", "when": "failed"},
            "This is not an HTTPS address",
        ),
        ({"kind": "teams", "address": "https://169.254.169.254/", "when": "failed"}, "webhook of Teams"),
        ({"kind": "teams", "address": "https://[::1", "when": "failed"}, "This is not an HTTPS address"),
        ({"kind": "webhook", "address": "https://10.0.0.1/", "when": "failed"}, "workflow file"),
    ],
)
def test_a_wrong_recipient_is_refused_and_what_was_entered_stays(
    app, nightly, as_editor, text, entered, message
):
    answer = as_editor.post(f"{PAGE}/add", data=entered)

    assert (answer.status_code, notify_of(app)) == (422, [MAIL])
    assert message.lower() in text(answer).lower()
    if entered["kind"] == "email":
        assert f'value="{entered["address"]}"' in answer.text


def test_the_expected_time_is_set_and_needed_while_somebody_gets_notices_of_silence(
    app, nightly, as_editor, text
):
    schedule = {"every": "weekday", "at": "07:00", "timezone": "Europe/Berlin"}
    as_editor.post(f"{PAGE}/expected", data=schedule)
    as_editor.post(f"{PAGE}/0/when", data={"when": ["silent"]})
    refused = as_editor.post(f"{PAGE}/expected", data={"every": ""})
    wrong = as_editor.post(f"{PAGE}/expected", data=schedule | {"at": "25:00"})

    assert drafts.get(app, "nightly").document["expected"] == schedule | {"at": ["07:00"]}
    assert drafts.get(app, "nightly").problems == ()
    assert [each.status_code for each in (refused, wrong)] == [422, 422]
    assert "A recipient gets a notice if no file arrives" in text(refused)


def test_an_expected_time_that_the_form_cannot_show_is_kept(app, published, as_editor):
    key = published("Nightly", expected={"cron": "0 7 * * 1-5"})

    shown = as_editor.get(PAGE).text
    as_editor.post(f"{PAGE}/expected", data={"every": "keep", "at": "08:00"})

    assert '<option value="keep" selected>' in shown
    assert drafts.get(app, key).document["expected"] == {"cron": "0 7 * * 1-5", "timezone": "UTC"}


def test_tags_are_set_from_a_text_with_commas(app, nightly, as_editor):
    as_editor.post(f"{PAGE}/tags", data={"tags": " payroll,  emea  north ,payroll,"})
    tags = drafts.get(app, "nightly").document["tags"]
    refused = as_editor.post(f"{PAGE}/tags", data={"tags": "x" * 41})
    as_editor.post(f"{PAGE}/tags", data={"tags": ""})

    assert (tags, refused.status_code) == (["payroll", "emea north"], 422)
    assert "tags" not in drafts.get(app, "nightly").document


def test_a_test_shows_why_it_was_not_sent(nightly, as_editor, text):
    told = text(as_editor.post(f"{PAGE}/0/test"))

    assert "The test notice to hr@example.com was not sent" in told
    assert "No mail server is configured" in told


def test_the_last_notices_show_recipient_state_and_reason(app, nightly, client, text):
    notice = Notice(
        id="n1",
        workflow=nightly,
        run=None,
        occasion="late",
        channel=Mailbox(email="hr@example.com"),
        body={},
        made_at=NOON,
        due_at=NOON,
    )
    app.ledger.silences.begin(nightly, "late:1", now=NOON)
    mark = app.ledger.silences.marks("late")[nightly, "late:1"]
    app.ledger.silences.settle(nightly, "late:1", since=NOON, now=mark, notices=[notice])
    app.ledger.notices.failed(notice, "The mail server does not answer")

    told = text(client.get(PAGE))

    assert "2026-03-01 12:00 UTC late hr@example.com waiting The mail server does not answer" in told


def test_a_workflow_of_a_file_shows_its_notices_and_changes_none(app, nightly, as_editor):
    flow = app.ledger.catalog.workflow(nightly).workflow
    app.ledger.catalog.save(workflows=(replace(flow, project="hr"),), now=NOON)

    shown = as_editor.get(PAGE)
    refused = as_editor.post(f"{PAGE}/tags", data={"tags": "x"})

    assert "The workflow file of project hr sets the notices" in shown.text
    assert "owns this workflow" in refused.text
    assert recipients.recipients(drafts.get(app, nightly))[0].to == ("hr@example.com",)


@pytest.mark.parametrize("kind", [Webhook, Slack, Teams])
def test_a_webhook_from_the_page_is_not_called_if_the_operator_does_not_allow_its_server_any_more(app, kind):
    reference = VaultSecret(secret="notice-0123456789ab")
    app.vault.put(reference.secret, "https://127.0.0.1:9/formerly-allowed", now=NOON)
    channel = kind(**{kind.__name__.lower(): reference})

    (result,) = notices.test_channels(app, "nightly", "Nightly", [channel])

    assert result["sent"] is False
    assert result["error"]["what"] in {
        "The operator does not allow this server",
        "This is not the address of a webhook of Slack",
        "This is not the address of a webhook of Teams",
    }


def ticked(answer, recipient):
    """The occasions that are ticked in the form of a recipient."""
    form = answer.text.partition(f"{PAGE}/{recipient}/when")[2].partition("</form>")[0]
    return re.findall(r'value="(\w+)" checked', form)


def test_refused_occasions_stay_ticked(app, published, as_editor):
    published("Nightly", notify=[MAIL, MAIL | {"email": "b@x.example"}])

    answer = as_editor.post(f"{PAGE}/1/when", data={"when": ["held", "silent"]})

    assert (answer.status_code, ticked(answer, 0), ticked(answer, 1)) == (422, ["failed"], ["held", "silent"])
    assert notify_of(app)[1]["when"] == ["failed"]


@pytest.mark.parametrize(("path", "form"), [("0/delete", {}), ("0/when", {"when": "held"})])
def test_a_change_of_an_outdated_page_is_refused_on_the_page(app, nightly, as_editor, text, path, form):
    before = drafts.get(app, nightly).number
    as_editor.post(f"{PAGE}/tags", data={"tags": "payroll", "number": str(before)})

    answer = as_editor.post(f"{PAGE}/{path}", data=form | {"number": str(before)})

    assert (answer.status_code, notify_of(app)) == (422, [MAIL])
    assert "changed the workflow meanwhile" in text(answer)
    assert "Add a recipient" in text(answer)


@pytest.mark.parametrize(
    ("path", "form", "done"),
    [
        (
            "add",
            {"kind": "email", "address": "a@x.example", "when": "failed"},
            "The recipient is added.",
        ),
        ("0/when", {"when": "held"}, "The occasions are saved."),
        ("0/delete", {}, "The recipient is removed."),
        ("tags", {"tags": "payroll"}, "The tags are saved."),
        ("expected", {"every": "day", "at": "08:00"}, "The expected time is saved."),
    ],
)
def test_the_page_says_what_was_done(nightly, as_editor, text, path, form, done):
    as_editor.post(f"{PAGE}/{path}", data=form)

    assert done in text(as_editor.get(PAGE))
