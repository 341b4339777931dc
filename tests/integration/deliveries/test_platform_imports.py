"""Responses, employees and records are imported into the hosted platform."""

from __future__ import annotations

from decimal import Decimal

import pytest

from bucketlift.errors import DestinationRefused, NotFound
from bucketlift.model.delivery import AnswerState, Counts, Promise, RefusedByDestination
from bucketlift.model.directory.data_targets import records_target, responses_target
from bucketlift.model.directory.targets import employees_target
from bucketlift.model.load import Column
from bucketlift.model.types import TypeName, ValueType
from bucketlift.ports import NotSent
from contract.destinations import a_file
from hosted_platform.platform import Fault
from hosted_platform.records import Project

STAFF = ("id", "first", "last", "mail", "office")


def columns(**named):
    return [Column(name=name, field=field) for name, field in named.items()]


ANSWERS = responses_target(columns(QID1="id", QID2="name"), "SV_1")


def answers(*found):
    return a_file(*found, fields=("id", "name"))


def test_responses_keep_every_character_and_are_sent_with_a_key(driver, platform):
    (answer,) = driver.deliver(ANSWERS, answers(("1", 'says "yes", then\nno'), ("", "=1+1")))

    assert platform.responses.surveys["SV_1"] == [
        {"QID1": "1", "QID2": 'says "yes", then\nno'},
        {"QID1": "", "QID2": "=1+1"},
    ]
    assert (answer.state, answer.counts) == (AnswerState.CONFIRMED, Counts(inserted=2))
    assert driver.delivery.promise(ANSWERS) is Promise.IDEMPOTENT


def test_a_repeat_of_responses_with_the_same_key_adds_nothing(driver, platform):
    platform.faults.append(Fault.LOSE_ANSWER)

    (lost,) = driver.deliver(ANSWERS, answers(("1", "a")))
    (again,) = driver.deliver(ANSWERS, answers(("1", "a")))

    assert (lost.state, again.state) == (AnswerState.UNKNOWN, AnswerState.CONFIRMED)
    assert platform.responses.surveys["SV_1"] == [{"QID1": "1", "QID2": "a"}]


def test_a_survey_that_is_gone_is_named(driver, platform):
    platform.responses.surveys.clear()

    with pytest.raises(NotFound) as error:
        driver.deliver(ANSWERS, answers(("1", "a")))

    assert str(error.value) == (
        "The platform has no such thing, or this user cannot see it (The platform answered 404 [SV_0: no such survey: "
        "request r-1]): survey SV_1. Was it deleted or renamed there? Check its ID in the workflow file, and the data center."
    )


def test_an_import_of_responses_that_fails_is_refused_with_the_words_of_the_platform(driver, platform):
    platform.responses.fails = True

    with pytest.raises(DestinationRefused, match=r"IMP_1: the file has no known question"):
        driver.deliver(ANSWERS, answers(("1", "a")))


def test_times_of_responses_are_sent_in_utc(driver, platform):
    target = responses_target(columns(StartDate="id", QID2="name"), "SV_1", time_zone="America/Denver")

    driver.deliver(target, answers(("2027-07-04 09:30:00", "a")))

    assert platform.responses.surveys["SV_1"][0]["StartDate"] == "2027-07-04T15:30:00Z"


def staff_target(**place):
    named = columns(UniqueIdentifier="id", FirstName="first", LastName="last", Email="mail", Office="office")
    return employees_target(named, "id", **place)


def staff(*found):
    return a_file(*found, fields=STAFF)


ADA = ("a1", "Ada", "L", "a@x.org", "Denver")
EVA = ("A1", "Eva", "M", "e@x.org", "")


@pytest.mark.parametrize(
    ("place", "key"),
    [
        ({"directory": "ED_1"}, ("employee-directories", "ED_1")),
        ({"project": "EX_1"}, ("ex-projects", "EX_1")),
    ],
)
def test_employees_are_updated_by_their_identifier_with_metadata(driver, platform, place, key):
    (answer,) = driver.deliver(staff_target(**place), staff(ADA, EVA))
    driver.deliver(staff_target(**place), staff((*ADA[:4], "Paris")))

    found = platform.employees.places[key]
    assert [(each, found[each]["firstName"], found[each]["Office"]) for each in found] == [
        ("a1", "Ada", "Paris"),
        ("A1", "Eva", ""),
    ]
    assert (answer.state, answer.counts) == (AnswerState.CONFIRMED, Counts(updated=2))
    assert driver.delivery.promise(staff_target(**place)) is Promise.IDEMPOTENT


def test_refused_employees_are_named_by_their_lines(driver, platform):
    platform.employees.refuse = lambda row: (
        "the address is not allowed" if row["uniqueIdentifier"] == "A1" else None
    )

    (answer,) = driver.deliver(staff_target(directory="ED_1"), staff(ADA, EVA))

    assert answer.refused == (RefusedByDestination(line=3, message="the address is not allowed"),)
    assert answer.counts == Counts(updated=1)


def test_the_eleventh_job_waits(driver, platform):
    platform.employees.jobs.polls = -1
    target = staff_target(directory="ED_1")
    (content,) = driver.contents(target, staff(ADA))
    for number in range(1, 11):
        driver.delivery.send(target, driver.chunk(content, number), content)

    with pytest.raises(NotSent, match="409"):
        driver.delivery.send(target, driver.chunk(content, 11), content)


def record_rows(*found):
    return a_file(*found, fields=("id", "name"))


def records(key="id", **types):
    return records_target(columns(ID="id", Name="name"), "IDP_1", key, list(types.items()))


@pytest.fixture
def project(platform):
    made = Project(unique="ID", types={"ID": "string", "Name": "string", "Extra": "string"})
    platform.records.projects["IDP_1"] = made
    return made


def test_records_are_updated_by_key_or_added_and_keep_other_fields(driver, project):
    project.records.append({"ID": "1", "Name": "Old", "Extra": "kept"})

    (answer,) = driver.deliver(records(), record_rows(("1", "Ada"), ("a/b?c", "Grace")))

    assert project.records == [
        {"ID": "1", "Name": "Ada", "Extra": "kept"},
        {"ID": "a/b?c", "Name": "Grace"},
    ]
    assert (answer.state, answer.counts) == (AnswerState.CONFIRMED, Counts(inserted=1, updated=1))


def test_records_are_sent_50_at_a_time_and_a_repeat_changes_nothing(driver, platform, project):
    many = [(str(number), "n") for number in range(120)]
    platform.faults.extend([None] * 50 + [Fault.LOSE_ANSWER])

    first = driver.deliver(records(), record_rows(*many))
    driver.deliver(records(), record_rows(*many))

    assert [each.state for each in first] == [AnswerState.UNKNOWN, *[AnswerState.CONFIRMED] * 2]
    assert [each["ID"] for each in project.records] == [each for each, _ in many]
    assert driver.delivery.promise(records()) is Promise.IDEMPOTENT
    assert driver.delivery.promise(records(key=None)) is Promise.AT_LEAST_ONCE


def test_refused_records_do_not_stop_the_others(driver, project):
    project.types["Name"] = "number"
    numbers = [Column(name="ID", field="id"), Column(name="Name", field="name")]
    target = records_target(numbers, "IDP_1", "id")
    project.records.append({"ID": "1", "Name": 1})

    (answer,) = driver.deliver(target, record_rows(("1", "x"), ("2", "y"), ("3", ""), ("..", "")))

    said = "The platform answered 400 [TYPE: the field Name has another type: request r-1]"
    assert answer.refused == (
        RefusedByDestination(line=2, message=said),
        RefusedByDestination(line=3, message=said),
        RefusedByDestination(line=5, message="the platform cannot address a record with this key"),
    )
    assert (answer.counts, project.records) == (Counts(inserted=1), [{"ID": "1", "Name": 1}, {"ID": "3"}])


def test_numbers_of_records_keep_all_their_digits(driver, project):
    project.types["Name"] = "number"
    amount = ValueType(name=TypeName.DECIMAL, precision=38, scale=20)
    target = records_target(
        [Column(name="ID", field="id"), Column(name="Name", field="name", type=amount)], "IDP_1", "id"
    )

    driver.deliver(target, record_rows(("1", "12345678901234567.00000000000000000001")))

    assert project.records[0]["Name"] == Decimal("12345678901234567.00000000000000000001")


def test_records_without_a_key_are_added_and_one_wrong_record_holds_the_file(driver, project):
    project.unique = None

    driver.deliver(records(key=None), record_rows(("1", "a"), ("1", "a")))
    project.types["Name"] = "number"
    with pytest.raises(DestinationRefused, match="another type"):
        driver.deliver(records(key=None), record_rows(("2", ""), ("3", "x")))

    assert project.records == [{"ID": "1", "Name": "a"}] * 2


def test_a_project_that_is_gone_is_named(driver):
    with pytest.raises(NotFound, match="data project IDP_1"):
        driver.deliver(records(), record_rows(("1", "a")))
