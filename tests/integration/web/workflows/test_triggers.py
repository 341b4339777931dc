"""What begins a workflow."""

from __future__ import annotations

import re

import pytest

from bucketlift.service.editor import drafts

PLAIN = {"how": "plain", "every": "weekday", "at": "06:00, 18:30", "timezone": "America/Denver"}
DAILY = {"schedule": {"every": "day", "at": ["02:00"], "timezone": "UTC"}}


def triggers(app, key):
    return drafts.get(app, key).document["triggers"]


@pytest.mark.parametrize(
    ("what", "typed"),
    [
        ("0/event", {"name": "order", "path": "$.order"}),
        ("9" * 5000 + "/schedule", PLAIN),
        ("0/schedule", PLAIN | {"every": "month", "on_month": "9" * 5000}),
    ],
)
def test_what_is_no_trigger_of_its_kind_is_refused(app, make, as_editor, what, typed):
    key = make(triggers=[DAILY])

    answer = as_editor.post(f"/workflows/{key}/triggers/{what}", data=typed)

    assert answer.status_code in (404, 422)
    assert triggers(app, key) == [DAILY]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (PLAIN, {"every": "weekday", "at": ["06:00", "18:30"], "timezone": "America/Denver"}),
        (
            PLAIN | {"every": "week", "on_week": ["monday", "friday"], "on_month": "1", "at": "6:00"},
            {"every": "week", "on": ["monday", "friday"], "at": ["6:00"], "timezone": "America/Denver"},
        ),
        (
            PLAIN | {"every": "month", "on_month": "1, 15 last", "timezone": ""},
            {"every": "month", "on": [1, 15, "last"], "at": ["06:00", "18:30"], "timezone": "UTC"},
        ),
        (PLAIN | {"every": "15m", "on_week": ["monday"]}, {"every": "15m", "timezone": "America/Denver"}),
        (
            {
                "how": "cron",
                "cron": "0 2 * * *",
                "at": "nonsense",
                "timezone": "UTC",
                "start": "2027-01-01",
                "end": "2027-12-31",
                "skip": "2027-05-01\n2027-12-25",
            },
            {
                "cron": "0 2 * * *",
                "timezone": "UTC",
                "start": "2027-01-01",
                "end": "2027-12-31",
                "skip": ["2027-05-01", "2027-12-25"],
            },
        ),
    ],
)
def test_a_schedule_is_kept_as_a_file_would_say_it(app, make, as_editor, typed, said):
    key = make()

    answer = as_editor.post(f"/workflows/{key}/triggers/new/schedule", data=typed)

    assert answer.headers["location"] == f"/workflows/{key}"
    assert triggers(app, key) == [{"schedule": said}]


@pytest.mark.parametrize(
    ("typed", "name", "told"),
    [
        ({"at": "25:00"}, "at", "Not a time of day"),
        ({"at": ""}, "at", "Enter a time."),
        ({"timezone": "Denver"}, "timezone", "There is no time zone “Denver”"),
        ({"every": "week"}, "on", "Choose at least one day."),
        ({"every": "month", "on_month": "40"}, "on", "There is no day “40”"),
        ({"how": "cron", "cron": "often"}, "cron", "A cron expression has five fields"),
        ({"end": "soon"}, "end", "Not a date"),
        ({"start": "2027-02-01", "end": "2027-01-01"}, "end", "The schedule ends before it starts"),
    ],
)
def test_what_is_wrong_with_a_schedule_is_told_beside_its_input(app, make, as_editor, typed, name, told):
    key = make()

    answer = as_editor.post(f"/workflows/{key}/triggers/new/schedule", data=PLAIN | typed)

    said = re.findall(r'class="invalid-feedback d-block" id="([^"]*)-said">([^<]*)<', answer.text)
    assert answer.status_code == 422
    assert [(field, words[: len(told)]) for field, words in said] == [(name, told)]
    assert 'value="06:00, 18:30"' in answer.text or "at" in typed
    assert triggers(app, key) == []


def test_the_next_times_are_shown_while_somebody_types(app, make, as_editor):
    key = make()

    shown = as_editor.post(f"/workflows/{key}/triggers/next", data=PLAIN)
    wrong = as_editor.post(f"/workflows/{key}/triggers/next", data=PLAIN | {"at": "noon"})

    assert len(re.findall(r"<time datetime", shown.text)) == 5
    assert "Not a time of day" in wrong.text
    assert triggers(app, key) == []


def test_a_schedule_is_shown_as_it_was_set_and_changed_in_its_place(app, make, as_editor):
    key = make(triggers=[DAILY, {"schedule": {"every": "month", "on": ["last"], "at": ["23:00"]}}])

    form = as_editor.get(f"/workflows/{key}/triggers/1").text
    as_editor.post(f"/workflows/{key}/triggers/0/schedule", data=PLAIN)

    assert 'value="month" selected' in form
    assert 'name="on_month" value="last"' in form
    assert [each["schedule"]["every"] for each in triggers(app, key)] == ["weekday", "month"]


def test_a_trigger_is_removed(app, make, as_editor):
    key = make(triggers=[DAILY])

    as_editor.post(f"/workflows/{key}/triggers/0/delete")
    again = as_editor.post(f"/workflows/{key}/triggers/0/delete")

    assert triggers(app, key) == []
    assert again.status_code == 404


def test_a_workflow_begins_after_another_one(app, make, published, as_editor):
    other, key = published("Nightly"), make("Weekly")

    form = as_editor.get(f"/workflows/{key}/triggers/new?kind=after").text
    answer = as_editor.post(
        f"/workflows/{key}/triggers/new/after", data={"workflow": other, "when": ["failed", "cancelled"]}
    )

    assert '<option value="nightly">Nightly</option>' in form
    assert answer.headers["location"] == f"/workflows/{key}"
    assert triggers(app, key) == [{"after": {"workflow": other, "when": ["failed", "cancelled"]}}]


def test_a_workflow_that_nobody_knows_is_not_followed(make, published, as_editor):
    published("Nightly")

    answer = as_editor.post(
        f"/workflows/{make('Weekly')}/triggers/new/after", data={"workflow": "gone", "when": "succeeded"}
    )

    assert answer.status_code == 422
    assert "Choose another workflow." in answer.text


def test_events_are_offered_and_what_is_not_there_yet_says_so(make, as_editor, text):
    told = text(as_editor.get(f"/workflows/{make()}/triggers/new"))

    assert "HTTP event When another program calls" in told
    assert "New files in the bucket When the bucket reports a new file. Not available in this version" in told


@pytest.mark.parametrize("proof", ["token", "signature"])
def test_the_secret_of_an_event_is_shown_once(app, make, as_editor, proof):
    key = make()

    made = as_editor.post(f"/workflows/{key}/triggers/event", data={"proof": proof}).text
    later = as_editor.get(f"/workflows/{key}/triggers/0").text
    renewed = as_editor.post(f"/workflows/{key}/triggers/0/renew").text

    [first], [second] = (re.findall(r'id="secret"[^>]*>([^<]*)<', page) for page in (made, renewed))
    (name,) = (each["event"][proof]["secret"] for each in triggers(app, key))
    assert len({first, second}) == 2
    assert (first in later, second in later) == (False, False)
    assert app.vault.names() == (name,)
    assert f"http://localhost/events/{key}" in made
    [sample] = re.findall(r'id="sample"[^>]*>(.*?)</pre>', made, re.DOTALL)
    assert first in sample


def test_fields_of_an_event_are_kept_and_a_wrong_path_is_told(app, make, as_editor):
    key = make()
    as_editor.post(f"/workflows/{key}/triggers/event", data={"proof": "token"})
    rows = {
        "name": ["order", "state", ""],
        "path": ["$.order.id", "$.state", ""],
        "only_if": ["", "done", ""],
    }

    wrong = as_editor.post(f"/workflows/{key}/triggers/0/event", data=rows | {"path": ["order", "$.a", ""]})
    right = as_editor.post(f"/workflows/{key}/triggers/0/event", data=rows)

    event = triggers(app, key)[0]["event"]
    assert wrong.status_code == 422
    assert "Not a path of JSONPath" in wrong.text
    assert right.status_code == 303
    assert (event["fields"], event["only_if"]) == (
        {"order": "$.order.id", "state": "$.state"},
        {"state": "done"},
    )
