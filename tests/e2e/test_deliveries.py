"""Files are delivered to an HTTP receiver in chunks, each effective once, whatever happens on the way."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from bucketlift.engine.delivering.patience import Patience
from bucketlift.model.user import Role
from bucketlift.testing.receiver import Fault, Receiver
from e2e.world import brief, extract, load, loaded, table_of
from visitors import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def post(**more):
    return {"id": "post", "load_rows": {"from": "files", "to": "hook", "batch": 2, **more}}


def places(receiver, *, idempotent=True, **more):
    hook = {"kind": "http", "url": receiver.url, "idempotent": idempotent, **more}
    return {"warehouse": {"kind": "duckdb", "path": "warehouse.duckdb"}, "hook": hook}


def people(count):
    return table_of(*((str(each), f"name {each}") for each in range(1, count + 1)))


def objects(count):
    return [{"id": str(each), "name": f"name {each}"} for each in range(1, count + 1)]


def test_a_file_is_posted_in_chunks_and_deleted_after_the_last_one(world, receiver):
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(5))

    ended = world.run()

    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert loaded(ended) == {"post": (5, 0, 0)}
    assert (receiver.rows, receiver.chunks, receiver.violations) == (objects(5), [1, 2, 3], [])
    assert world.keys() == []


def chunk_states(world, file):
    shown = world.command("deliveries", "show", file, "--json").json
    return [(each["chunk"], each["state"]) for each in shown["chunks"]]


def test_a_receiver_that_honours_keys_gets_each_chunk_once_whatever_fails(world, receiver):
    lost = (Fault.LOSE_REQUEST, Fault.LOSE_ANSWER, Fault.ERROR_BEFORE, Fault.ERROR_AFTER, Fault.NO_ANSWER)
    world.apply(extract("delete"), post(batch=1), destinations=places(receiver, timeout=1))
    world.put("in/a.csv", people(9))
    receiver.faults.extend(each for fault in (*lost, Fault.BROKEN_JSON) for each in (fault, None))

    ended = world.run()

    assert brief(ended) == [("in/a.csv", "done", 9, None)]
    assert (receiver.rows, receiver.chunks, receiver.violations) == (objects(9), list(range(1, 10)), [])
    assert world.keys() == []


def test_a_receiver_without_keys_is_asked_again_if_it_certainly_did_nothing(world, receiver):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    world.apply(extract("delete"), accepting, destinations=places(receiver, idempotent=False))
    world.put("in/a.csv", people(3))
    receiver.faults.extend([Fault.BUSY, Fault.UNAVAILABLE, None, Fault.BUSY])

    ended = world.run()

    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert (receiver.rows, receiver.chunks) == (objects(3), [1, 2])


@pytest.mark.parametrize(
    ("fault", "there"),
    [
        (Fault.LOSE_ANSWER, True),
        (Fault.ERROR_BEFORE, False),
    ],
)
def test_an_unknown_chunk_waits_in_doubt_and_nothing_is_sent_twice_unasked(world, receiver, fault, there):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    world.apply(extract("delete"), accepting, destinations=places(receiver, idempotent=False))
    world.put("in/a.csv", people(5))
    receiver.faults.extend([None, fault])
    held = world.run()
    again = world.run()
    sent = list(receiver.chunks)
    (file,) = held["files"]
    states = chunk_states(world, file["id"])

    decided = world.command("deliveries", "confirm" if there else "resend", file["id"], "--yes")
    ended = world.run()

    assert (held["exit"], brief(held)) == (3, [("in/a.csv", "held", 5, "in-doubt")])
    assert brief(again) == [("in/a.csv", "held", 5, "in-doubt")]
    assert sent == ([1, 2] if there else [1])
    assert states == [(1, "confirmed"), (2, "in-doubt")]
    assert decided.code == 0, decided.err
    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert (receiver.rows, receiver.chunks) == (objects(5), [1, 2, 3])
    assert world.keys() == []


def test_a_receiver_that_throttles_for_an_hour_leaves_the_file_for_the_next_run(world, receiver):
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(5))
    receiver.faults.append(None)
    receiver.always = Fault.BUSY_FOR_AN_HOUR
    throttled = world.run()
    left = world.keys()
    receiver.always = None

    ended = world.run()

    assert brief(throttled) == [("in/a.csv", "retrying", 5, "not-loaded")]
    assert "429" in throttled["files"][0]["what"]
    assert left == ["in/a.csv"]
    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert (receiver.rows, receiver.chunks) == (objects(5), [1, 2, 3])


def test_a_token_without_the_right_fails_the_task_and_says_what_to_do(world, receiver):
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(2))
    receiver.always = Fault.FORBIDDEN

    ended = world.run()

    (task,) = [each for each in ended["tasks"] if each["id"] == "post"]
    assert task["error"]["what"] == "The receiver answered 403 [Forbidden: this token may not post rows]"
    assert task["error"]["hint"].startswith("Check the secret in `auth` of the destination")
    assert brief(ended) == [("in/a.csv", "retrying", 2, "not-loaded")]
    assert (receiver.rows, world.keys()) == ([], ["in/a.csv"])


def test_a_wrong_token_is_refused_and_never_shown(world, receiver, monkeypatch):
    monkeypatch.setenv("HOOK", "wrong-token")
    receiver.token = "right-token"
    auth = {"bearer": {"env": "HOOK"}}
    world.apply(extract("delete"), post(), destinations=places(receiver, auth=auth))
    world.put("in/a.csv", people(2))
    refused = world.run()
    monkeypatch.setenv("HOOK", "right-token")

    ended = world.run()

    assert brief(refused) == [("in/a.csv", "retrying", 2, "not-loaded")]
    assert "wrong-token" not in str(refused)
    assert brief(ended) == [("in/a.csv", "done", 2, None)]
    assert receiver.rows == objects(2)


def test_a_refused_chunk_holds_its_file_with_the_words_of_the_receiver(world, receiver):
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(3))
    receiver.faults.extend([None, Fault.REFUSE_ALL])
    held = world.run()
    world.decide("retry", "in/a.csv")

    ended = world.run()

    assert brief(held) == [("in/a.csv", "held", 3, "destination-refused")]
    assert held["files"][0]["what"] == "The receiver answered 422 [Unprocessable Entity: no such table]"
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert (receiver.rows, receiver.chunks) == (objects(3), [1, 2])


def odd_only(row):
    return None if int(row["id"]) % 2 else f"id '{row['id']}' of {row['name']} is even"


def listed_rejects(world, file):
    return [
        (
            each["line"],
            each["reason"],
            each.get("load_task"),
            each.get("message"),
            each["text"],
            each["mended_in"],
        )
        for each in world.command("rejects", "list", file, "--json").json["rejects"]
    ]


def test_refused_rows_become_rejects_of_that_task_and_are_replayed_into_it_only(world, receiver):
    receiver.refuse = odd_only
    world.apply(extract("delete", max_rejected=2), post(), load("people"), destinations=places(receiver))
    world.put("in/a.csv", people(5))
    ended = world.run()
    (file,) = ended["files"]
    before = listed_rejects(world, file["id"])
    table = world.rows("people")
    world.command("rejects", "export", file["id"], "--to", "rejects.csv")
    path = world.root / "rejects.csv"
    path.write_text(path.read_text().replace(",2,", ",21,").replace(",4,", ",41,"))

    replayed = world.command("rejects", "replay", file["id"], "rejects.csv")

    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert ended["files"][0]["rejected"] == 2
    assert before == [
        (3, "refused-by-destination", "post", "id … of … is even", "2,name 2", None),
        (5, "refused-by-destination", "post", "id … of … is even", "4,name 4", None),
    ]
    assert replayed.code == 0, replayed.err + replayed.out
    assert [row["id"] for row in receiver.rows] == ["1", "3", "5", "21", "41"]
    assert world.rows("people") == table
    assert [each[-1] for each in listed_rejects(world, file["id"])] == [1, 1]


def test_too_many_refused_rows_hold_the_file_before_its_action_until_a_person_accepts_it(world, receiver):
    receiver.refuse = odd_only
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(5))
    held = world.run()
    left = world.keys()
    world.decide("accept", "in/a.csv")

    ended = world.run()

    assert brief(held) == [("in/a.csv", "held", 5, "too-many-refused")]
    assert left == ["in/a.csv"]
    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert world.keys() == []
    assert [row["id"] for row in receiver.rows] == ["1", "3", "5"]
    assert len(listed_rejects(world, ended["files"][0]["id"])) == 2


def test_a_mended_row_that_is_refused_again_can_be_mended_again(world, receiver):
    receiver.refuse = odd_only
    world.apply(extract("delete", max_rejected=2), post(), destinations=places(receiver))
    world.put("in/a.csv", people(2))
    (file,) = world.run()["files"]
    path = world.root / "rejects.csv"
    world.command("rejects", "export", file["id"], "--to", "rejects.csv")
    exported = path.read_text()
    path.write_text(exported.replace(",2,", ",22,"))
    world.command("rejects", "replay", file["id"], "rejects.csv")
    again = listed_rejects(world, file["id"])
    path.write_text(exported.replace(",2,", ",23,"))

    world.command("rejects", "replay", file["id"], "rejects.csv")

    assert [each[-1] for each in again] == [None]
    assert [row["id"] for row in receiver.rows] == ["1", "23"]
    assert [each[-1] for each in listed_rejects(world, file["id"])] == [2]


def test_a_file_with_a_delivery_is_unloaded_only_by_the_tasks_of_tables(world, receiver):
    world.apply(extract("keep"), post(), load("people"), destinations=places(receiver))
    world.put("in/a.csv", people(2))
    (file,) = world.run()["files"]

    whole = world.command("files", "unload", file["id"], "--yes")
    delivered = world.command("files", "unload", file["id"], "--task", "post", "--yes")
    table = world.command("files", "unload", file["id"], "--task", "people", "--yes")

    assert (whole.code, delivered.code, table.code) == (2, 2, 0)
    assert f"bucketlift files unload {file['id']} --task people" in whole.err
    assert "cannot take rows back" in delivered.err
    assert world.rows("people") == []
    assert len(receiver.rows) == 2


@pytest.mark.parametrize("first", [None, Fault.LOSE_ANSWER], ids=["answered", "answer lost"])
def test_changed_settings_never_deliver_half_a_file_in_another_form(world, receiver, first):
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(5))
    receiver.faults.extend([first])
    receiver.always = Fault.BUSY_FOR_AN_HOUR
    world.run()
    receiver.always = None
    world.apply(extract("delete"), post(batch=3), destinations=places(receiver))
    held = world.run()
    world.apply(extract("delete"), post(), destinations=places(receiver))
    world.decide("retry", "in/a.csv")

    ended = world.run()

    assert brief(held) == [("in/a.csv", "held", 5, "delivery-changed")]
    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert (receiver.rows, receiver.chunks) == (objects(5), [1, 2, 3])


def test_an_older_ledger_sends_nothing_again_that_may_be_there_until_a_person_confirms(world, receiver):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    world.apply(extract("keep"), accepting, destinations=places(receiver, idempotent=False))
    world.command("db", "backup", "ledger.backup")
    world.put("in/a.csv", people(2))
    world.run()
    restored = world.command("db", "restore", "ledger.backup", "--yes")
    refused = world.run()
    before = len(receiver.rows)

    confirmed = world.command("db", "confirm")
    ended = world.run()

    assert (restored.code, confirmed.code) == (0, 0), restored.err + confirmed.err
    assert brief(refused) == [("in/a.csv", "retrying", 2, "not-loaded")]
    assert "may have been delivered" in refused["files"][0]["what"]
    assert before == 2
    assert brief(ended) == [("in/a.csv", "done", 2, None)]


def test_a_chunk_in_doubt_is_decided_on_the_page_of_its_file(world, receiver):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    world.apply(extract("delete"), accepting, destinations=places(receiver, idempotent=False))
    world.put("in/a.csv", people(3))
    receiver.faults.append(Fault.LOSE_ANSWER)
    (file,) = world.run()["files"]
    address = f"/files/{file['id']}"

    with opened(world.home) as page:
        viewer, operator = page.browser(Role.VIEWER), page.browser(Role.OPERATOR)
        attention = operator.get("/attention").text
        seen, watched = operator.get(address).text, viewer.get(address).text
        refused = viewer.post(f"{address}/deliveries/confirm", data={"task": "post", "number": "1"})
        decided = operator.post(f"{address}/deliveries/confirm", data={"task": "post", "number": "1"})
    ended = world.run()

    assert "The answer to chunk 1 (lines 2 to 3) is unknown" in attention
    assert receiver.history[0].key in seen
    assert ("The rows are there" in seen, "The rows are there" in watched) == (True, False)
    assert (refused.status_code, decided.status_code) == (403, 303)
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert (receiver.rows, receiver.chunks) == (objects(3), [1, 2])


def test_a_worker_that_loses_its_lease_in_a_chunk_sends_no_other_and_the_next_one_repeats_it(world, receiver):
    world.apply(extract("delete"), post(batch=1), destinations=places(receiver))
    world.put("in/a.csv", people(5))

    def take_over(number: int) -> None:
        if number == 2:
            with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
                ledger.execute("UPDATE leases SET token = token + 1")

    receiver.on_request = take_over

    world.run()

    assert [each.chunk for each in receiver.history] == [1, 2, 2, 3, 4, 5]
    assert (receiver.rows, receiver.chunks) == (objects(5), [1, 2, 3, 4, 5])
    assert world.states() == [("in/a.csv", 1, "done", None)]


def test_what_was_sent_of_a_file_is_in_its_document_and_on_the_command_line(world, receiver):
    world.apply(extract("keep"), post(), destinations=places(receiver))
    world.put("in/a.csv", people(3))
    (file,) = world.run()["files"]

    shown = world.command("deliveries", "show", file["id"]).out
    unfinished = world.command("deliveries", "list", "--all")
    (document,) = world.files()
    refused = world.command("deliveries", "confirm", file["id"], "--yes")

    chunks = {"planned": 0, "sent": 0, "confirmed": 2, "in-doubt": 0}
    assert document["deliveries"] == [{"task": "post", "destination": "hook", "chunks": chunks}]
    assert [each.key in shown for each in receiver.history] == [True, True]
    assert unfinished.out == "Every delivery is finished.\n"
    assert (refused.code, "No such chunk of the file is in doubt" in refused.err) == (2, True)


def test_a_load_task_that_is_renamed_in_the_middle_of_a_delivery_continues_it(world, receiver):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    hook = places(receiver, idempotent=False)
    world.apply(extract("delete"), accepting, destinations=hook)
    world.put("in/a.csv", people(5))
    receiver.faults.append(None)
    receiver.always = Fault.BUSY_FOR_AN_HOUR
    world.run()
    receiver.always = None
    renamed = {**accepting, "id": "send", "renamed_from": "post"}
    world.apply(extract("delete"), renamed, destinations=hook)

    ended = world.run()

    assert brief(ended) == [("in/a.csv", "done", 5, None)]
    assert (receiver.rows, receiver.chunks) == (objects(5), [1, 2, 3])


def test_a_table_of_a_file_whose_delivery_is_in_doubt_is_unloaded_only_by_its_task(world, receiver):
    accepting = post(accept_at_least_once=True)
    hook = places(receiver, idempotent=False)
    world.apply(extract("delete"), load("people"), accepting, destinations=hook)
    world.put("in/a.csv", people(2))
    receiver.faults.append(Fault.LOSE_ANSWER)
    (file,) = world.run()["files"]

    whole = world.command("files", "unload", file["id"], "--yes")

    assert (file["state"], file["reason"]) == ("held", "in-doubt")
    assert whole.code == 2
    assert "The file was delivered to hook, which cannot take rows back" in whole.err
    assert world.rows("people") == [("1", "name 1"), ("2", "name 2")]


@pytest.fixture
def second() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.stop()


def both(receiver, second):
    other = {"kind": "http", "url": second.url, "idempotent": True}
    return {**places(receiver), "other": other}


def mended(world, file, *changes, form="csv"):
    """Export the rejects, change these texts in all lines, and replay them."""
    world.command("rejects", "export", file["id"], "--to", "rejects.csv", "--format", form)
    path = world.root / "rejects.csv"
    text = path.read_text()
    for before, after in changes:
        text = text.replace(before, after)
    path.write_text(text)
    return world.command("rejects", "replay", file["id"], "rejects.csv")


def test_a_row_that_two_destinations_refuse_reaches_both_after_it_is_mended(world, receiver, second):
    receiver.refuse = second.refuse = odd_only
    send = {"id": "send", "load_rows": {"from": "files", "to": "other", "batch": 2}}
    world.apply(extract("delete", max_rejected=2), post(), send, destinations=both(receiver, second))
    world.put("in/a.csv", people(3))
    (file,) = world.run()["files"]

    replayed = mended(world, file, (",2,", ",21,"))

    (after,) = world.files()
    assert replayed.code == 0, replayed.err + replayed.out
    assert [[row["id"] for row in each.rows] for each in (receiver, second)] == [["1", "3", "21"]] * 2
    assert [(each[2], each[-1]) for each in listed_rejects(world, file["id"])] == [("post", 1), ("send", 1)]
    assert (after["rejected"], after["mended"]) == (2, 2)


def test_a_mended_row_that_one_of_two_destinations_refuses_again_is_mended_again_for_this_one(
    world, receiver, second
):
    receiver.refuse = second.refuse = odd_only
    send = {"id": "send", "load_rows": {"from": "files", "to": "other", "batch": 2}}
    world.apply(extract("delete", max_rejected=2), post(), send, destinations=both(receiver, second))
    world.put("in/a.csv", people(3))
    (file,) = world.run()["files"]
    receiver.refuse = lambda _: None
    mended(world, file, ('"id": "2"', '"id": "20"'), form="json")
    between = [(each[2], each[-1]) for each in listed_rejects(world, file["id"])]

    replayed = mended(world, file, (",2,", ",23,"))

    assert replayed.code == 0, replayed.err + replayed.out
    assert between == [("post", 1), ("send", None)]
    assert [row["id"] for row in receiver.rows] == ["1", "3", "20"]
    assert [row["id"] for row in second.rows] == ["1", "3", "23"]
    assert [(each[2], each[-1]) for each in listed_rejects(world, file["id"])] == [("post", 1), ("send", 2)]


def test_a_row_that_is_refused_in_a_replay_still_reaches_a_destination_that_was_away(world, receiver, second):
    receiver.refuse = odd_only
    send = {"id": "send", "load_rows": {"from": "files", "to": "other", "batch": 2}}
    world.apply(extract("delete", max_rejected=2), post(), send, destinations=both(receiver, second))
    world.put("in/a.csv", b"id,name\n1,a\n2\n3,c\n")
    (file,) = world.run()["files"]
    second.always = Fault.BUSY_FOR_AN_HOUR
    mended(world, file, ("<missing>", "b"))
    second.always = None

    world.run()

    assert [row["id"] for row in receiver.rows] == ["1", "3"]
    assert [row["id"] for row in second.rows] == ["1", "3", "2"]
    assert [(each[1], each[2], each[-1]) for each in listed_rejects(world, file["id"])] == [
        ("refused-by-destination", "post", None)
    ]


@pytest.fixture
def hasty(monkeypatch):
    """Waits for a destination are counted, but take no time."""

    def without_waiting(self: Patience, asked: float | None = None) -> bool:
        seconds = self.next if asked is None else asked
        self.waited += seconds
        return self.waited <= self.limit

    monkeypatch.setattr(Patience, "wait", without_waiting)


def test_a_chunk_that_is_never_confirmed_holds_its_file_and_later_files_are_delivered(world, receiver, hasty):
    receiver.breaks = lambda row: row["id"] == "2"
    world.apply(extract("delete"), post(batch=1), destinations=places(receiver))
    world.put("in/a.csv", people(3))
    world.put("in/b.csv", table_of(("7", "name 7")))
    ended = world.run()
    (file,) = [each for each in ended["files"] if each["key"] == "in/a.csv"]
    receiver.breaks = lambda _: False
    again = world.run()

    decided = world.command("deliveries", "resend", file["id"], "--yes")
    world.run()

    assert brief(ended) == [("in/a.csv", "held", 3, "in-doubt"), ("in/b.csv", "done", 1, None)]
    assert "the receiver answered 500" in file["what"]
    assert f"To send the chunk again: `bucketlift deliveries resend {file['id']}`" in file["hint"]
    assert brief(again) == [("in/a.csv", "held", 3, "in-doubt")]
    assert decided.code == 0, decided.err
    assert [row["id"] for row in receiver.rows] == ["1", "7", "2", "3"]
    assert (world.keys(), receiver.violations) == ([], [])


def test_a_file_that_one_branch_began_to_send_is_not_sent_by_the_other_branch(world, receiver, hasty):
    receiver.breaks = lambda row: row["id"] == "2"
    few = {"id": "few", "condition": {"all": ["files.rows = 3"], "then": ["post"], "else": ["other"]}}
    other = {"id": "other", "load_rows": {"from": "files", "to": "hook", "batch": 5}}
    world.apply(extract("delete"), few, post(batch=1), other, destinations=places(receiver))
    world.put("in/a.csv", people(3))
    first = world.run()
    receiver.breaks = lambda _: False
    world.put("in/b.csv", table_of(("7", "name 7")))

    second = world.run()

    assert brief(first) == [("in/a.csv", "retrying", 3, "not-loaded")]
    assert brief(second) == [("in/a.csv", "done", 3, None), ("in/b.csv", "done", 1, None)]
    assert [row["id"] for row in receiver.rows] == ["1", "2", "3", "7"]
    assert (world.keys(), receiver.violations) == ([], [])


def test_a_destination_that_confirms_nothing_for_a_day_needs_attention(world, receiver, hasty):
    receiver.breaks = lambda _: True
    world.apply(extract("delete"), post(), destinations=places(receiver))
    for name in ("a", "b", "c"):
        world.put(f"in/{name}.csv", people(1))
    first = world.run()
    with closing(sqlite3.connect(world.home / "ledger.sqlite")) as ledger, ledger:
        sent = ledger.execute("SELECT count(*) FROM chunks").fetchone()
        ledger.execute("UPDATE chunks SET sent_at = datetime(sent_at, '-25 hours')")

    later = world.run()

    waiting = ("retrying", 1, "not-loaded")
    assert brief(first) == [(f"in/{name}.csv", *waiting) for name in ("a", "b", "c")]
    assert sent == (2,)
    held = ("held", 1, "in-doubt")
    assert brief(later) == [("in/a.csv", *held), ("in/b.csv", *held), ("in/c.csv", *waiting)]


def test_a_replay_whose_settings_changed_is_sent_again_by_the_command_of_the_hint(world, receiver):
    world.apply(extract("delete", max_rejected=3), post(batch=1), destinations=places(receiver))
    world.put("in/a.csv", b"id,name\n1\n2\n3\n4,d\n")
    (file,) = world.run()["files"]
    receiver.faults.append(None)
    receiver.always = Fault.BUSY_FOR_AN_HOUR
    mended(world, file, ("<missing>", "x"))
    receiver.always = None
    world.apply(extract("delete", max_rejected=3), post(batch=2), destinations=places(receiver))
    refused = world.run()
    hint = next(each["error"]["hint"] for each in refused["tasks"] if each["error"])
    (command,) = re.findall(r"`bucketlift ([^`]+)`", hint)

    obeyed = world.command(*command.split(), "--yes")
    ended = world.run()

    assert obeyed.code == 0, obeyed.err
    assert ended["exit"] == 0
    assert [row["id"] for row in receiver.rows] == ["4", "1", "1", "2", "3"]
    assert [each[-1] for each in listed_rejects(world, file["id"])] == [1, 1, 1]


def test_a_chunk_of_a_replay_that_is_in_doubt_needs_attention(world, receiver):
    receiver.honours_keys = False
    accepting = post(accept_at_least_once=True)
    hook = places(receiver, idempotent=False)
    world.apply(extract("delete", max_rejected=1), accepting, destinations=hook)
    world.put("in/a.csv", b"id,name\n1,a\n2\n")
    (file,) = world.run()["files"]
    receiver.faults.append(Fault.LOSE_ANSWER)
    mended(world, file, ("<missing>", "b"))
    address = f"/files/{file['id']}"

    with opened(world.home) as page:
        operator = page.browser(Role.OPERATOR)
        attention, seen = operator.get("/attention").text, operator.get(address).text
        form = {"task": "post", "number": "1", "replay": "1"}
        decided = operator.post(f"{address}/deliveries/confirm", data=form)
        after = operator.get("/attention").text
    ended = world.run()

    what = "The answer to 1 chunk of mended rows for hook is unknown"
    assert (what in attention, what in after) == (True, False)
    assert f'href="{address}"' in attention
    assert "Chunk 1 of post, replay 1" in seen
    assert decided.status_code == 303
    assert ended["exit"] == 0
    assert [row["id"] for row in receiver.rows] == ["1", "2"]
    assert [each[-1] for each in listed_rejects(world, file["id"])] == [1]
