"""Two people make an account, or a destination, of one name at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.account import Account, AwsKeys, Destination, PostgresqlDestination, VaultSecret
from bucketlift.service.accounts import accounts
from bucketlift.service.destinations import destinations

NOTHING = VaultSecret(secret="none")


@pytest.mark.slow
def test_one_of_two_accounts_is_made_with_its_own_keys_and_the_other_is_refused(make):
    def add(number):
        settings = AwsKeys(region=f"eu-west-{number}", access_key=NOTHING, secret_key=NOTHING)
        made = accounts.add(
            app, Account(name="two", settings=settings), keys=(f"AKIA{number}", f"secret{number}")
        )
        assert isinstance(made.settings, AwsKeys)
        return made.settings.region

    with make().app() as app:
        outcomes = at_once(app, add)
        told = [app.vault.reveal(VaultSecret(secret=f"two-{each}-key")) for each in ("access", "secret")]

    (winner,) = [each for each in outcomes if isinstance(each, str)]
    assert [type(each) for each in outcomes if not isinstance(each, str)] == [RequestWrong]
    assert told == [f"AKIA{winner[-1]}", f"secret{winner[-1]}"]


@pytest.mark.slow
def test_one_of_two_destinations_is_made_with_its_own_url_and_the_other_is_refused(make):
    def add(number):
        settings = PostgresqlDestination(url=VaultSecret(secret="two-url"), schema=f"schema{number}")
        url = f"postgresql://u:p@127.0.0.1:1/d{number}"
        made = destinations.add(app, Destination(name="two", settings=settings), secrets={"two-url": url})
        return getattr(made.settings, "schema", None)

    with make().app() as app:
        outcomes = at_once(app, add)
        told = app.vault.reveal(VaultSecret(secret="two-url"))

    (winner,) = [each for each in outcomes if isinstance(each, str)]
    assert [type(each) for each in outcomes if not isinstance(each, str)] == [RequestWrong]
    assert told == f"postgresql://u:p@127.0.0.1:1/d{winner[-1]}"


def at_once(app, add):
    """What came of two calls, both begun while neither could write."""

    def outcome(number):
        try:
            return add(number)
        except RequestWrong as error:
            return error

    with ThreadPoolExecutor(2) as pool:
        with app.ledger.database.writing():
            asked = [pool.submit(outcome, number) for number in (1, 2)]
            wait(asked, timeout=0.3)
        return [each.result() for each in asked]
