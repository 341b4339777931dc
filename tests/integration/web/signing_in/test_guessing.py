"""Guessing is slow, and tells nothing."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from statistics import median

import pytest
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

import quick_passwords
from bucketlift.model.user import Role
from bucketlift.service.people import people, sessions
from bucketlift.service.people.passwords import check
from bucketlift.service.people.tokens import hashed
from integration.web.signing_in.forms import PASSWORD, signed_in


def refused(app, name, password="a wrong guess of it", address="192.0.2.1"):
    with pytest.raises((sessions.SignInWrong, sessions.TooManyTries)) as caught:
        sessions.sign_in(app, name, password, address)
    return caught.value


@pytest.fixture
def real_hashes():
    """As people's passwords are hashed."""
    with quick_passwords.hashing_by(quick_passwords.REAL):
        yield


@pytest.fixture
def gone(page, ada):
    """Somebody disabled, with a password."""
    user = page.person(Role.EDITOR, "gone")
    people.set_password(page.app, user, PASSWORD, by="a test")
    people.disable(page.app, user, by="a test")
    return user


def test_whoever_is_not_let_in_is_told_the_same(page, ada, gone):
    page.person(Role.EDITOR, "invited")

    said = {
        str(refused(page.app, "nobody")),
        str(refused(page.app, ada.name)),
        str(refused(page.app, gone.name, PASSWORD)),
        str(refused(page.app, "invited", "")),
    }

    assert len(said) == 1


@pytest.mark.slow
def test_it_takes_as_long_for_whoever_is_not_there(real_hashes, page, ada, gone):
    def work(name, password):
        began = time.process_time()
        refused(page.app, name, password, f"192.0.2.{len(name)}")
        return time.process_time() - began

    asked = {"nobody": "a guess", ada.name: "a guess", gone.name: PASSWORD}
    taken = {name: median(work(name, password) for _ in range(3)) for name, password in asked.items()}

    # Without a hash to check, a refusal takes about a fiftieth of the time.
    assert max(taken.values()) < 5 * min(taken.values())


def failed(app, times, *, name=None, address=None):
    """As many failed sign-ins, without the work of looking at passwords."""
    who = {hashed(f"name {name}"): sessions.OF_A_NAME} if name else {}
    who |= {hashed(f"address {address}"): sessions.OF_AN_ADDRESS} if address else {}
    return [app.ledger.sign_in_attempts.count(who, app.now()) for _ in range(times)]


def test_each_wrong_guess_makes_the_next_wait_longer_up_to_a_quarter_of_an_hour(page, clock):
    waits = []
    for _ in range(40):
        [wait] = failed(page.app, 1, name="ada")
        waits += [wait.total_seconds()] if wait else []
        clock.move(wait)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, *[900] * (len(waits) - 10)]
    assert len(waits) > 12


def test_nobody_is_locked_out_for_ever(page, stranger, ada, clock):
    for _ in range(41):
        clock.move(failed(page.app, 1, name=ada.name)[0])
    waiting = signed_in(stranger, ada.name)
    clock.move(timedelta(minutes=15))

    answer = signed_in(stranger, ada.name)

    assert (waiting.status_code, int(waiting.headers["retry-after"]) > 0) == (429, True)
    assert "Try again in" in waiting.text
    assert answer.status_code == 303


def test_whoever_waits_is_not_told_whether_the_name_is_known(page, ada):
    for name in (ada.name, "nobody"):
        failed(page.app, 5, name=name)

    said = {str(refused(page.app, name, PASSWORD)) for name in (ada.name, "nobody")}

    assert said == {"Too many sign-ins failed. Try again in 1 s, or ask an administrator for a sign-in link."}


def test_an_address_that_tries_many_names_waits(page, ada):
    failed(page.app, 19, address="192.0.2.1")
    refused(page.app, "nobody")

    assert isinstance(refused(page.app, ada.name, PASSWORD), sessions.TooManyTries)
    assert sessions.sign_in(page.app, ada.name, PASSWORD, "198.51.100.7")


def test_the_addresses_of_one_ipv6_network_count_as_one(page, ada):
    failed(page.app, 19, address="2001:db8:0:1::/64")
    refused(page.app, "nobody", address="2001:db8:0:1::7")

    assert isinstance(refused(page.app, "nobody", address="2001:db8:0:1:9::1"), sessions.TooManyTries)
    assert isinstance(refused(page.app, "nobody", address="2001:db8:0:2::1"), sessions.SignInWrong)


def test_ones_own_sign_in_does_not_wash_an_address_clean(page, ada):
    failed(page.app, 19, address="192.0.2.1")
    sessions.sign_in(page.app, ada.name, PASSWORD, "192.0.2.1")
    refused(page.app, "nobody")

    assert isinstance(refused(page.app, "nobody"), sessions.TooManyTries)


def test_many_guesses_at_once_are_no_way_around(page, ada):
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: failed(page.app, 1, name=ada.name)[0], range(24)))

    assert sum(not wait for wait in waits) == sessions.OF_A_NAME.free


def test_a_sign_in_link_is_a_way_around_the_wait(page, ada):
    failed(page.app, 5, name=ada.name)

    sessions.accept(page.app, sessions.invite(page.app, ada), PASSWORD, "192.0.2.1")

    assert sessions.sign_in(page.app, ada.name, PASSWORD, "192.0.2.1")


def test_a_weaker_hash_becomes_a_stronger_one_at_sign_in(real_hashes, page, ada):
    weak = PasswordHash([Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1)]).hash(PASSWORD)
    page.app.ledger.people.set_password(ada, weak)

    token = sessions.sign_in(page.app, ada.name, PASSWORD, "192.0.2.1")

    kept = page.app.ledger.people.get(ada.id).password
    assert kept is not None
    assert (kept != weak, check(PASSWORD, kept)) == (True, (True, None))
    assert sessions.find(page.app, token) is not None


def test_a_hash_that_nobody_can_read_lets_nobody_in(page, ada):
    page.app.ledger.people.set_password(ada, "not a hash")

    assert isinstance(refused(page.app, ada.name, "not a hash"), sessions.SignInWrong)
