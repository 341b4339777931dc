"""People are told: by a real mail server and a real web server, once, and never a cell or a secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bucketlift.ledger import tables
from bucketlift.model.run import OUTBOX
from bucketlift.service.core.app import App
from bucketlift.service.ops import notices
from bucketlift.service.projects import projects
from e2e.world import World, extract, load, table_of
from integration.notices.servers import DRIPS, PASSWORD, USER, dripping, free_port, hook, mail_server

pytestmark = pytest.mark.slow

HR = "hr@example.com"
ANN = table_of(("1", "canary-ann"))
BAD = b"id,name\ncanary-cell\n"
TOKEN, KEY = "canary-url-token", "canary-signing-key"


@pytest.fixture(autouse=True)
def no_mail_server(monkeypatch):
    for name in ("HOST", "PORT", "TLS", "USER", "PASSWORD", "PASSWORD_FILE", "FROM"):
        monkeypatch.delenv(f"BUCKETLIFT_SMTP_{name}", raising=False)


def mail_settings(world: World, monkeypatch: pytest.MonkeyPatch, port: int, **more: str) -> None:
    told = {"HOST": "127.0.0.1", "PORT": str(port), "TLS": "none", "FROM": "bucketlift@example.com", **more}
    for name, value in told.items():
        world.environment[f"BUCKETLIFT_SMTP_{name}"] = value
        monkeypatch.setenv(f"BUCKETLIFT_SMTP_{name}", value)


def tells(*notify: dict[str, Any], title: str = "Nightly employees", **more: Any) -> dict[str, Any]:
    """A workflow ``w`` that tells somebody."""
    tasks = [extract("delete"), load()]
    return {"workflows": {"w": {"title": title, "tasks": tasks, "notify": list(notify), **more}}}


@dataclass
class Later:
    """The real clock, some time ahead."""

    ahead: timedelta

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead


@contextmanager
def app_at(world: World, ahead: timedelta = timedelta(0)) -> Iterator[App]:
    with world.app() as app:
        yield replace(app, clock=Later(ahead))


def listed(world: World) -> list[tuple[Any, ...]]:
    """Occasion, address, state, tries and note of every notice, by address."""
    with world.app() as app:
        shown = [notices.shown(each) for each in app.ledger.notices.find()]
    return sorted(
        (each["occasion"], each["to"], each["state"], each["tries"], each["note"]) for each in shown
    )


def test_a_held_file_sends_one_mail_that_names_file_reason_and_hint(world, monkeypatch):
    with mail_server() as mail:
        mail_settings(world, monkeypatch, mail.port, USER=USER, PASSWORD=PASSWORD)
        world.apply(**tells({"when": ["failed", "held"], "email": HR}))
        world.put("in/a.csv", ANN)
        world.put("in/bad.csv", BAD)

        ran = world.command("run", "w", "--json")
        world.run()
        with world.app() as app:
            sent_later = notices.deliver(app)

    (held,) = [each for each in ran.json["files"] if each["state"] == "held"]
    (arrived,) = mail.mails
    words = arrived.get_content()
    assert (ran.code, sent_later) == (3, 0)
    assert (arrived["To"], arrived["Subject"]) == (HR, "[Bucketlift] Nightly employees: 1 file is held")
    assert [
        each
        for each in (
            "s3://drop/in/bad.csv: held, too-many-rejects",
            held["hint"],
            held["id"],
            ran.json["run"],
        )
        if each not in words
    ] == []
    assert "canary" not in words
    assert listed(world) == [("held", HR, "sent", 1, None)]


def test_a_failed_run_tells_a_signed_webhook_and_several_addresses_the_same(world, monkeypatch):
    with mail_server() as mail, hook() as server:
        mail_settings(world, monkeypatch, mail.port)
        monkeypatch.setenv("HOOK", f"{server.url}/{TOKEN}")
        monkeypatch.setenv("HOOK_KEY", KEY)
        webhook = {"when": ["failed"], "webhook": {"env": "HOOK"}, "signing": {"env": "HOOK_KEY"}}
        world.apply(
            **tells({"when": ["failed"], "email": [HR, "it@example.com"]}, webhook),
            granted=[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}],
        )
        document = world.run()
        with world.app() as app:
            sent = notices.deliver(app)

    ((_, headers, body),) = server.asked
    told = json.loads(body)
    signed = f"{headers['bucketlift-timestamp']}.".encode() + body
    assert (document["state"], sent) == ("failed", 3)
    assert sorted(each["To"] for each in mail.mails) == [HR, "it@example.com"]
    assert {each.get_content().replace("\r\n", "\n") for each in mail.mails} == {told["text"]}
    assert headers["bucketlift-signature"] == (
        f"sha256={hmac.new(KEY.encode(), signed, hashlib.sha256).hexdigest()}"
    )
    assert (told["occasion"], told["run"], told["faults"][0]["what"], told["faults"][0]["hint"]) == (
        "failed",
        document["run"],
        document["error"]["what"],
        document["error"]["hint"],
    )


def test_who_is_told_of_several_things_is_told_once(world, monkeypatch):
    with mail_server() as mail:
        mail_settings(world, monkeypatch, mail.port)
        world.apply(
            **tells(
                {"when": ["held"], "email": HR},
                {"when": ["succeeded", "held"], "email": [HR, "it@example.com"]},
            )
        )
        world.put("in/a.csv", ANN)
        world.put("in/bad.csv", BAD)
        world.run()
        with world.app() as app:
            notices.deliver(app)

    assert sorted((each["To"], each["Subject"]) for each in mail.mails) == [
        (HR, "[Bucketlift] Nightly employees: 1 file is held"),
        ("it@example.com", "[Bucketlift] Nightly employees: 1 file is held"),
    ]
    with world.app() as app:
        assert {tuple(each.body["occasions"]) for each in app.ledger.notices.find()} == {
            ("held", "succeeded")
        }


def test_what_could_not_be_sent_is_sent_once_when_the_mail_server_is_back(world, monkeypatch):
    port = free_port()
    mail_settings(world, monkeypatch, port)
    world.apply(**tells({"when": ["succeeded"], "email": HR}))
    world.put("in/a.csv", ANN)
    world.run()
    with world.app() as app:
        down = notices.deliver(app)
    waiting = listed(world)

    with mail_server(port=port) as mail:
        tried = []
        for ahead in (timedelta(0), timedelta(minutes=2), timedelta(minutes=4)):
            with app_at(world, ahead) as app:
                tried.append(notices.deliver(app))

    why = f"The mail server cannot be reached (ConnectionRefusedError): 127.0.0.1:{port}"
    assert (down, waiting) == (0, [("succeeded", HR, "waiting", 1, why)])
    assert (tried, len(mail.mails)) == ([0, 1, 0], 1)
    assert listed(world) == [("succeeded", HR, "sent", 2, None)]


def test_one_refused_address_keeps_no_other_waiting(world, monkeypatch):
    with mail_server(refused={HR}) as mail:
        mail_settings(world, monkeypatch, mail.port)
        world.apply(**tells({"when": ["succeeded"], "email": [HR, "it@example.com"]}))
        world.run()
        with world.app() as app:
            notices.deliver(app)

    assert [each["To"] for each in mail.mails] == ["it@example.com"]
    assert [(to, state) for _, to, state, _, _ in listed(world)] == [
        (HR, "waiting"),
        ("it@example.com", "sent"),
    ]


def test_a_webhook_that_answers_500_is_asked_again_with_the_same_id(world, monkeypatch):
    with hook(500, 200) as server:
        monkeypatch.setenv("HOOK", server.url)
        world.apply(**tells({"when": ["succeeded"], "webhook": {"env": "HOOK"}}))
        world.run()
        sent = []
        for ahead in (timedelta(0), timedelta(minutes=2)):
            with app_at(world, ahead) as app:
                sent.append(notices.deliver(app))

    first, second = (json.loads(body)["id"] for _, _, body in server.asked)
    assert (sent, first == second) == ([0, 1], True)


def test_without_a_mail_server_notices_wait_and_everybody_says_so(world):
    path = world.file(**tells({"when": ["succeeded"], "email": HR}))
    world.apply(**tells({"when": ["succeeded"], "email": HR}))

    with world.app() as app:
        planned = projects.plan(app, [path])
    ran = world.command("run", "w", "--json")
    shown = world.command("notices", "list", "--json")

    (note,) = planned.notes
    assert note == (
        "workflow `w` sends e-mail, but no mail server is configured: "
        "set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM"
    )
    why = "No mail server is configured. Set BUCKETLIFT_SMTP_HOST and BUCKETLIFT_SMTP_FROM."
    assert (ran.code, ran.json["state"], ran.err) == (0, "succeeded", "")
    assert (shown.code, [each["note"] for each in shown.json["notices"]]) == (0, [why])
    assert listed(world) == [("succeeded", HR, "waiting", 1, why)]


def test_a_server_that_never_answers_costs_a_run_ten_seconds_at_most(world, monkeypatch):
    with dripping(b"220-wait ") as server:
        mail_settings(world, monkeypatch, server.port)
        world.apply(**tells({"when": ["succeeded"], "email": HR}))
        world.run()
        before = server.said
        with world.app() as app:
            sent = notices.deliver(app, within=timedelta(seconds=0.3))
        read = server.said - before

    assert (sent, read < DRIPS) == (0, True)
    assert [note for *_, note in listed(world)] == [
        f"The mail server did not accept the message in time: 127.0.0.1:{server.port}"
    ]


def test_two_that_deliver_at_once_send_each_notice_once(world, monkeypatch):
    with mail_server() as mail:
        mail_settings(world, monkeypatch, mail.port)
        world.apply(**tells({"when": ["succeeded"], "email": [HR, "it@example.com", "ops@example.com"]}))
        world.run()
        with world.app() as one, world.app() as other:
            notices.plan(one)
            notices.plan(other)
            sent = 0
            while (taken := one.ledger.notices.take(one.now())) is not None:
                sent += notices.send_due(other)
                one.ledger.notices.failed(taken, "It is somebody else's")

    assert (sent, len(mail.mails)) == (2, 2)
    assert len({each["To"] for each in mail.mails}) == 2


def test_a_notice_can_be_tried_out(world, monkeypatch):
    with mail_server() as mail, hook(404) as server:
        mail_settings(world, monkeypatch, mail.port)
        world.environment["HOOK"] = f"{server.url}/{TOKEN}"
        world.apply(
            **tells({"when": ["failed"], "email": HR}, {"when": ["held"], "webhook": {"env": "HOOK"}})
        )

        tried = world.command("notices", "test", "w", "--json")
        nobody = world.command("notices", "test", "nobody", "--json")

    assert (tried.code, nobody.code) == (1, 2)
    assert tried.json["notices"] == [
        {"to": HR, "sent": True, "error": None},
        {
            "to": "webhook in env HOOK",
            "sent": False,
            "error": {"what": "The webhook answered 404", "to": "", "hint": ""},
        },
    ]
    assert [each["Subject"] for each in mail.mails] == ["[Bucketlift] Nightly employees: a test notice"]
    assert listed(world) == []


def test_silence_is_told_once_for_each_expected_time_and_not_where_something_came(world, monkeypatch):
    minute = (datetime.now(UTC).minute + 30) % 60  # far from now, so that no look falls on it
    hourly = {"when": ["silent"], "email": HR, "expected": {"cron": f"{minute} * * * *"}}
    with mail_server() as mail:
        mail_settings(world, monkeypatch, mail.port)
        world.apply(**tells(hourly))
        sent = []

        def look_after(hours: int) -> None:
            with app_at(world, timedelta(hours=hours)) as app:
                sent.append(notices.deliver(app))

        look_after(hours=0)  # it is listened to from now on
        world.put("in/a.csv", ANN)
        world.run()
        look_after(hours=1)  # something came in time
        look_after(hours=2)  # nothing since
        look_after(hours=2)
        look_after(hours=9)  # nobody looked for seven hours: told once

    assert sent == [0, 0, 1, 0, 1]
    assert {each["Subject"].strip()[:53] for each in mail.mails} == {
        "[Bucketlift] Nightly employees: nothing arrived by 20"
    }


def test_a_file_that_came_late_does_not_hide_that_the_next_one_is_missing(world):
    minute = (datetime.now(UTC).minute + 30) % 60
    hourly = {"when": ["silent"], "email": HR, "expected": {"cron": f"{minute} * * * *"}}
    world.apply(**tells(hourly))
    told = []

    def look_after(minutes: int) -> None:
        with app_at(world, timedelta(minutes=minutes)) as app:
            notices.plan(app)
            told.append(len(app.ledger.notices.find()))

    def arrives_after(key: str, minutes: int) -> None:
        world.put(f"in/{key}", ANN.replace(b"ann", key.encode()))
        world.run()
        found = f"{datetime.now(UTC) + timedelta(minutes=minutes):%Y-%m-%d %H:%M:%S.%f}"
        with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
            ledger.execute("UPDATE source_objects SET found_at = ? WHERE key = ?", (found, f"in/{key}"))
            ledger.execute(
                "UPDATE claims SET loaded_at = ? WHERE source IN (SELECT id FROM source_objects WHERE key = ?)",
                (found, f"in/{key}"),
            )

    look_after(0)
    look_after(32)  # the first is missing: told
    arrives_after("late", 40)
    look_after(92)  # the second is missing: told, although something came
    arrives_after("early", 140)
    look_after(152)  # the third came in time
    look_after(212)  # the fourth is missing

    assert told == [0, 1, 2, 2, 3]


def test_nothing_is_expected_of_a_workflow_that_is_switched_off(world, monkeypatch):
    hourly = {"when": ["silent"], "email": HR, "expected": {"every": "day", "at": "08:00"}}
    world.apply(**tells(hourly))
    with app_at(world) as app:
        notices.plan(app)
        app.ledger.catalog.enable("w", enabled=False, now=app.now())
    with app_at(world, timedelta(days=3)) as app:
        notices.plan(app)
        app.ledger.catalog.enable("w", enabled=True, now=app.now())
        notices.plan(app)

    assert listed(world) == []


def test_no_secret_and_no_cell_is_in_any_notice_error_log_or_row(world, monkeypatch):
    with mail_server(answer=f"554 {PASSWORD}") as mail, hook(500) as server:
        mail_settings(world, monkeypatch, mail.port, USER=USER, PASSWORD=PASSWORD)
        world.environment |= {"HOOK": f"{server.url}/{TOKEN}", "HOOK_KEY": KEY}
        webhook = {"when": ["held"], "webhook": {"env": "HOOK"}, "signing": {"env": "HOOK_KEY"}}
        world.apply(**tells({"when": ["held"], "email": HR}, webhook))
        world.put("in/a.csv", ANN)
        world.put("in/bad.csv", BAD)
        world.put("in/no-header.csv", b"canary-first,canary-row\n1,2\n")

        ran = world.command("run", "w", "--json", "--log-format", "json")
        shown = world.command("workflows", "show", "w", "--json")
        monkeypatch.setenv("HOOK", f"{server.url}/{TOKEN}")
        monkeypatch.setenv("HOOK_KEY", KEY)
        with world.app() as app:
            tried = [notices.test(app, "w"), *map(notices.shown, app.ledger.notices.find())]
        posted = [body.decode() for _, _, body in server.asked]

    with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger:
        rows = ledger.execute("SELECT * FROM notices").fetchall()
    told = str([posted, rows, tried, ran, shown])
    assert (ran.code, shown.code, len(posted), len(rows)) == (3, 0, 2, 2)
    assert [word for word in (PASSWORD, TOKEN, KEY, "canary") if word in told] == []


def test_a_run_that_nobody_can_tell_of_keeps_no_other_notice_waiting(world, monkeypatch):
    world.apply(**tells({"when": ["held"], "email": HR}))
    world.put("in/bad.csv", BAD)
    with world.app() as app:
        lost = app.ledger.runs.ask("w", 1, trigger="demand", now=app.now())
        with app.ledger.database.writing() as connection:
            of_it = tables.runs.c.id == lost.id
            connection.execute(
                tables.runs.update().where(of_it).values(version=99, state="failed", finished_at=app.now())
            )
    world.run()

    with world.app() as app:
        notices.plan(app)
        notices.plan(app)

    assert [each[:3] for each in listed(world)] == [("held", HR, "waiting")]


def test_runs_that_only_act_tell_of_the_same_fault_once(world):
    world.apply(**tells({"when": ["failed"], "email": HR}))
    down, other = ({"people": {"what": what, "to": "db", "hint": ""}} for what in ("Down", "Refused"))
    ended = [
        (OUTBOX, "failed", down),
        (OUTBOX, "failed", down),
        (OUTBOX, "failed", other),
        (OUTBOX, "succeeded", {}),
        (OUTBOX, "failed", other),
        ("demand", "failed", other),
        (OUTBOX, "failed", other),
    ]
    told = []
    with world.app() as app:
        for minute, (trigger, state, faults) in enumerate(ended):
            run = app.ledger.runs.ask("w", 1, trigger=trigger, now=app.now())
            with app.ledger.database.writing() as connection:
                values = {
                    "state": state,
                    "faults": faults,
                    "finished_at": app.now() + timedelta(minutes=minute),
                }
                of_it = tables.runs.c.id == run.id
                connection.execute(tables.runs.update().where(of_it).values(**values))
            notices.plan(app)
            told.append(len(app.ledger.notices.find()))

    assert told == [1, 1, 2, 2, 3, 4, 4]
