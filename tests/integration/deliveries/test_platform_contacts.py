"""Contacts and transactions are imported into the hosted platform, and refused contacts are named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.deliveries.qualtrics.access import Client, Token
from bucketlift.errors import AccessRefused, DestinationRefused, NotFound
from bucketlift.model.delivery import AnswerState, Counts, Promise, RefusedByDestination
from bucketlift.model.directory.targets import Transactions, contacts_target
from bucketlift.model.finding import Health
from bucketlift.model.load import Column
from bucketlift.ports import NotSent
from contract.destinations import a_file
from hosted_platform.platform import CLIENT_ID, CLIENT_SECRET, Fault

FIELDS = ("id", "name", "dept", "hired")


def target(*, mailing_list="All staff", transactions=None, columns=None):
    named = columns or {"ExternalReference": "id", "FirstName": "name", "Site": "dept"}
    return contacts_target(
        [Column(name=name, field=field) for name, field in named.items()],
        None,
        list=mailing_list,
        transactions=transactions,
    )


def rows(*found):
    return a_file(*((*row, *[""] * (len(FIELDS) - len(row))) for row in found), fields=FIELDS)


ADA, GRACE = ("1", "Ada", "Denver"), ("2", "Grace")


def test_contacts_are_imported_without_nulls_and_counted(driver, platform):
    (first,) = driver.deliver(target(), rows(ADA, GRACE))
    (second,) = driver.deliver(target(), rows(("1", "Ada L."), ("3", "Edsger")))

    assert platform.contacts.contacts == [
        {"extRef": "1", "firstName": "Ada L.", "embeddedData": {"Site": "Denver"}},
        {"extRef": "2", "firstName": "Grace"},
        {"extRef": "3", "firstName": "Edsger"},
    ]
    assert (first.state, first.counts) == (AnswerState.CONFIRMED, Counts(inserted=2))
    assert (second.state, second.counts) == (AnswerState.CONFIRMED, Counts(inserted=1, updated=1))


def test_a_transaction_has_its_date_and_fields(driver, platform):
    dated = target(
        columns={"ExternalReference": "id"},
        transactions=Transactions(date="hired", format="%d.%m.%Y", fields=("dept",)),
    )

    driver.deliver(dated, rows(("1", "", "Sales", "31.12.2026"), ("2", "", "", "01.02.2027")))

    assert platform.contacts.transactions == [
        {"hired": "2026-12-31", "dept": "Sales"},
        {"hired": "2027-02-01"},
    ]
    assert driver.delivery.promise(dated) is Promise.AT_LEAST_ONCE
    assert driver.delivery.promise(target()) is Promise.IDEMPOTENT


def test_contacts_there_without_merge_rules_are_delivered_at_least_once(driver):
    driver.settings = replace(driver.settings, merges_contacts=False)

    assert driver.delivery.promise(target()) is Promise.AT_LEAST_ONCE


def test_chunks_have_at_most_10_000_contacts_and_5_mb(driver, platform):
    many = driver.contents(target(), rows(*((str(number), "n") for number in range(10_001))))
    wide = driver.contents(target(), rows(*((str(number), "n", "x" * 1000) for number in range(9_000))))

    assert [each.rows for each in many] == [10_000, 1]
    assert len(wide) == 3
    assert max(len(each.body) for each in wide) < 5_000_000
    assert [line for each in wide for line in each.lines] == [*range(2, 9_002)]


def test_the_same_rows_give_the_same_chunks(driver):
    assert driver.contents(target(), rows(ADA, GRACE)) == driver.contents(target(), rows(ADA, GRACE))


def test_half_of_a_chunk_that_is_refused_is_named_with_the_reason(driver, platform):
    platform.contacts.refuse = lambda row: "invalid_email" if int(row["extRef"]) % 2 else None

    (answer,) = driver.deliver(target(), rows(*((str(number), "n") for number in range(1, 7))))

    assert len(platform.contacts.contacts) == 3
    assert answer.counts == Counts(inserted=3)
    assert answer.refused == tuple(
        RefusedByDestination(line=line, message="failed invalid_email") for line in (2, 4, 6)
    )


def test_refused_contacts_that_the_platform_does_not_name_leave_the_result_unknown(driver, platform):
    platform.contacts.refuse = lambda row: "invalid_email" if row["extRef"] == "1" else None
    platform.contacts.names_refused = False

    (answer,) = driver.deliver(target(), rows(ADA, GRACE))

    assert (answer.state, answer.detail) == (
        AnswerState.UNKNOWN,
        "the import import-1 reports 1 failed contacts, and names 0 of them",
    )


@pytest.mark.parametrize(
    ("fault", "imported"),
    [
        (Fault.LOSE_REQUEST, 0),
        (Fault.LOSE_ANSWER, 1),
        (Fault.ERROR_BEFORE, 0),
        (Fault.ERROR_AFTER, 1),
        (Fault.NOT_JSON, 1),
    ],
)
def test_a_lost_answer_is_unknown_and_cannot_be_asked_about(driver, platform, fault, imported):
    platform.faults.append(fault)
    (content,) = driver.contents(target(), rows(ADA))
    chunk = driver.chunk(content)

    answers = [driver.delivery.send(target(), chunk, content), driver.delivery.ask(target(), chunk, content)]

    assert [each.state for each in answers] == [AnswerState.UNKNOWN] * 2
    assert len(platform.contacts.contacts) == imported


@pytest.mark.parametrize(("fault", "seconds"), [(Fault.BUSY, 0.0), (Fault.BUSY_FOR_AN_HOUR, 3600.0)])
def test_a_busy_platform_says_how_long_to_wait(driver, platform, fault, seconds):
    platform.faults.append(fault)

    with pytest.raises(NotSent) as error:
        driver.deliver(target(), rows(ADA))

    assert error.value.retry_after == seconds
    assert error.value.what == "The platform answered 429 [RL_0: too many calls: request r-1]"


def test_a_job_that_never_ends_is_still_running(driver, platform):
    platform.contacts.jobs.polls = -1

    (answer,) = driver.deliver(target(), rows(ADA))

    assert (answer.state, answer.job) == (AnswerState.RUNNING, "CG_1/import-1")


def test_a_job_that_the_platform_forgot_is_unknown(driver, platform):
    (content,) = driver.contents(target(), rows(ADA))
    chunk = driver.chunk(content)
    job = driver.delivery.send(target(), chunk, content).job
    platform.contacts.jobs.forget()

    answer = driver.delivery.ask(target(), replace(chunk, job=job), content)

    assert answer.state is AnswerState.UNKNOWN


def test_a_list_that_was_renamed_is_named_with_the_nearest(driver, platform):
    platform.contacts.lists["CG_1"] = "All staff 2027"

    with pytest.raises(NotFound) as error:
        driver.deliver(target(), rows(ADA))

    assert str(error.value) == (
        "The platform's directory has no mailing list with this name: All staff. Was it renamed there? Did you mean "
        "`All staff 2027`? The ID stays the same when a list is renamed: `list: CG_...`."
    )


def test_a_list_is_found_on_later_pages_or_by_its_id_and_a_name_of_two_lists_is_refused(driver, platform):
    driver.deliver(target(mailing_list="Third"), rows(ADA))
    driver.deliver(target(mailing_list="CG_2"), rows(ADA))
    platform.contacts.lists["CG_2"] = "Third"

    with pytest.raises(NotFound, match="2 mailing lists have this name"):
        driver.deliver(target(mailing_list="Third"), rows(ADA))

    assert platform.contacts.imports == [1, 1]


def test_a_job_is_asked_about_after_its_list_was_renamed(driver, platform):
    (content,) = driver.contents(target(), rows(ADA))
    chunk = driver.chunk(content)
    job = driver.delivery.send(target(), chunk, content).job
    platform.contacts.lists["CG_1"] = "Renamed"
    platform.contacts.jobs.end()

    assert driver.delivery.ask(target(), replace(chunk, job=job), content).state is AnswerState.CONFIRMED


def test_a_user_without_the_right_is_told_with_the_code_of_the_platform(driver, platform):
    platform.may_import = False

    with pytest.raises(AccessRefused) as error:
        driver.deliver(target(), rows(ADA))

    assert error.value.what == "The platform answered 403 [AUTH_6: this user may not do this: request r-1]"


def test_a_wrong_token_is_never_shown(driver):
    driver.access = Token(token="wrong-secret")

    with pytest.raises(AccessRefused) as error:
        driver.deliver(target(), rows(ADA))

    assert error.value.what == "The platform answered 401 [AUTH_3: the token … is wrong: request r-1]"


def test_an_oauth_client_gets_access_tokens_and_renews_a_refused_one(driver, platform):
    driver.access = Client(id=CLIENT_ID, secret=CLIENT_SECRET, scopes=("manage:directory_contacts",))
    driver.deliver(target(), rows(ADA))
    platform.access_tokens.clear()

    driver.deliver(target(), rows(GRACE))

    assert len(platform.contacts.contacts) == 2
    assert platform.calls.count("POST /oauth2/token") == 2


def test_a_wrong_secret_of_an_oauth_client_is_refused(driver):
    driver.access = Client(id=CLIENT_ID, secret="wrong", scopes=())

    with pytest.raises(AccessRefused, match=r"gave no access token \(401\)"):
        driver.deliver(target(), rows(ADA))


def test_a_request_that_the_platform_refuses_holds_the_file_with_its_words(driver, platform):
    bad = target(columns={"ExternalReference": "id", "x" * 201: "name"})

    with pytest.raises(DestinationRefused) as error:
        driver.deliver(bad, rows(ADA))

    assert error.value.what == "The platform answered 400 [LENGTH: embedded data is too long: request r-1]"


def test_a_platform_that_cannot_be_reached_has_no_effect(driver, platform):
    platform.stop()

    with pytest.raises(NotSent, match="No connection to the platform"):
        driver.deliver(target(mailing_list="CG_1"), rows(ADA))


def test_the_doctor_tries_the_token_and_changes_nothing(driver, platform):
    found = [(each.check, each.health) for each in driver.delivery.examine()]
    driver.access = Token(token="wrong")
    refused = [(each.check, each.health) for each in driver.delivery.examine()]

    assert found == [("address", Health.OK), ("access", Health.OK)]
    assert refused == [("address", Health.OK), ("access", Health.MISSING)]
    assert platform.changes == 0
