"""People, their sessions and failed tries, on SQLite and PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.people.people import People, StoredUser
from bucketlift.ledger.people.sessions import Browser, Link, Sessions
from bucketlift.ledger.people.sign_in_attempts import SignInAttempts
from bucketlift.model.user import Role, User
from bucketlift.rules.backing_off import FreeFailures
from builders import NOON

ADA = User(id="1", name="Ada", role=Role.ADMINISTRATOR, made_at=NOON)
BEN = User(id="2", name="ben", role=Role.EDITOR, made_at=NOON)
HOUR = timedelta(hours=1)
UNTIL = {"made_before": NOON + HOUR}
LATELY = {"made_after": NOON - HOUR, "seen_after": NOON - HOUR}
SINCE = {**LATELY, **UNTIL}


def browser(name, at=NOON):
    return Browser(id=name, name="Firefox \0", address="192.0.2.1", made_at=at, seen_at=at)


@pytest.fixture
def people(database):
    kept = People(database)
    kept.add(ADA, password="a hash")
    kept.add(BEN)
    return kept


@pytest.fixture
def sessions(database, people):
    return Sessions(database)


def test_people_are_found_by_their_name_whatever_its_case(people):
    assert people.all() == [ADA, BEN]
    assert people.find(" ADA ") == StoredUser(user=ADA, password="a hash")
    assert people.find("nobody") is None
    with pytest.raises(NotFound):
        people.get("3")


def test_a_name_is_one_persons(people):
    with pytest.raises(RequestWrong, match="Another user has this name"):
        people.add(replace(BEN, id="3", name="BEN"))


def test_what_would_leave_no_administrator_is_undone(people):
    for change in (lambda: people.set_role(ADA, Role.VIEWER), lambda: people.set_disabled(ADA, NOON)):
        with pytest.raises(RequestWrong, match="last administrator"):
            change()

    assert people.all() == [ADA, BEN]


def test_a_session_is_found_until_it_is_too_old_or_ended(sessions):
    sessions.begin("token", browser("one"), ADA)

    found = sessions.find("token", **SINCE)
    assert found == (replace(browser("one"), name="Firefox \\x00"), replace(ADA, signed_in_at=NOON))
    assert sessions.find("token", made_after=NOON, seen_after=NOON - HOUR, **UNTIL) is None
    assert sessions.find("token", made_after=NOON - HOUR, seen_after=NOON, **UNTIL) is None
    sessions.end("one")
    assert sessions.find("token", **SINCE) is None


def test_a_disabled_person_has_no_session(sessions, people):
    sessions.begin("token", browser("one"), BEN)

    people.set_disabled(BEN, NOON)

    assert sessions.find("token", **SINCE) is None


def test_the_sessions_of_a_person_end_but_for_one(sessions):
    for name in ("one", "two", "three"):
        sessions.begin(f"token {name}", browser(name), ADA)
    sessions.begin("of ben", browser("four"), BEN)
    sessions.record_use("two", NOON + HOUR)

    ended = sessions.end_all(ADA, but="two")

    assert ended == 2
    assert [each.id for each in sessions.of(ADA, **LATELY)] == ["two"]
    assert [each.id for each in sessions.of(BEN, **LATELY)] == ["four"]


def test_what_is_over_is_dropped(sessions):
    sessions.begin("old", browser("old", NOON - HOUR), ADA)
    sessions.begin("new", browser("new"), ADA)
    sessions.invite("link", Link(user=ADA, asks_password=True), now=NOON - HOUR, ends_at=NOON)

    sessions.forget(made_before=NOON - HOUR, seen_before=NOON - HOUR, now=NOON)

    long_ago = NOON - 9 * HOUR
    assert [each.id for each in sessions.of(ADA, made_after=long_ago, seen_after=long_ago)] == ["new"]
    assert sessions.use("link") is False


def test_a_link_is_used_once(sessions):
    sessions.invite("link", Link(user=BEN, asks_password=True), now=NOON, ends_at=NOON + HOUR)

    assert sessions.invited("link", NOON) == Link(user=BEN, asks_password=True)
    assert sessions.invited("link", NOON + HOUR) is None
    assert [sessions.use("link"), sessions.use("link")] == [True, False]


def test_the_first_person_is_the_last_to_be_made_by_a_set_up(database):
    people, sessions = People(database), Sessions(database)
    sessions.allow_set_up("former", NOON)
    sessions.allow_set_up("link", NOON)

    made = [people.add_first(ADA, password="a hash", link=each) for each in ("former", "link", "link")]

    assert made == [False, True, False]
    assert sessions.allows_set_up("link") is False
    assert people.find("ada") == StoredUser(user=ADA, password="a hash")


def test_tries_are_counted_until_they_are_forgotten(database):
    tries = SignInAttempts(database)
    who = {"name": FreeFailures(free=2), "address": FreeFailures(free=4)}

    waits = [tries.count(who, NOON).total_seconds() for _ in range(4)]
    tries.forget("name")
    after = [tries.count(who, NOON).total_seconds() for _ in range(3)]
    tries.take_back("address")
    day = tries.count(who, NOON + 25 * HOUR).total_seconds()

    assert waits == [0, 0, 1, 1]
    assert after == [0, 0, 1]
    assert day == 0


def test_tries_that_were_counted_before_the_clock_was_set_back_keep_nobody_out_for_longer(database):
    tries, who = SignInAttempts(database), {"ada": FreeFailures(free=1)}
    for _ in range(3):
        tries.count(who, NOON + timedelta(days=1))

    waits = [tries.count(who, NOON + timedelta(seconds=seconds)) for seconds in (0, 1)]

    assert waits == [timedelta(seconds=1), timedelta()]


def test_sessions_and_links_of_a_clock_that_was_far_ahead_end(sessions):
    year = NOON + timedelta(days=365)
    sessions.begin("token", browser("one", at=year), ADA)
    sessions.invite("link", Link(user=BEN, asks_password=True), now=year, ends_at=year + HOUR)

    assert sessions.find("token", **SINCE) is None
    assert sessions.invited("link", NOON) is None
