"""From a bucket to a contact in a directory by the words on the page, and the undo of a mistaken file."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from browser import window
from bucketlift.testing.s3server import S3Server
from pages import steps
from pages.served import served
from pages.watching import watch

pytestmark = pytest.mark.slow
MISTAKEN = steps.HEADER + "2,Bo,Wrong,wrong@example.com,2026-02-01\n"
BO = [
    "ExternalReference 2",
    "FirstName Bo",
    "LastName Çelik",
    "Email bo@example.com",
    "StartDate 2026-02-01",
]


@pytest.fixture
def s3() -> Iterator[S3Server]:
    with S3Server() as server:
        server.make_bucket(steps.BUCKET)
        for key, text in steps.FILES.items():
            server.put(steps.BUCKET, key, text.encode())
        yield server


def test_a_file_becomes_contacts_and_the_undo_of_a_mistaken_one_brings_the_contact_back(chrome, s3, tmp_path):
    with (
        served(tmp_path / "home", s3.environment) as console,
        window(chrome, console.address, width=900) as browser,
    ):
        seen = watch(browser)
        person = steps.Person(page=browser.new_page(), s3=s3)
        steps.sets_up(person, console.set_up)
        steps.creates_a_workflow(person)
        steps.chooses_the_extract_task(person)
        steps.connects_an_account(person)
        steps.says_which_files(person)
        steps.uploads_a_sample(person, tmp_path)
        steps.verifies_the_fields(person)
        steps.adds_contacts(person)
        steps.switches_on(person)
        steps.runs_it_and_watches(person)
        before = steps.looks_at_the_contact(person, "Bo")

        s3.put(steps.BUCKET, "employees/2026-03-04.csv", MISTAKEN.encode())
        _runs_again(person)
        mistaken = steps.looks_at_the_contact(person, "Bo")
        person.page.get_by_role("link", name="Undo this load").first.click()
        person.sees("1 person gets the values from before")
        person.button("Unload the file")
        expect(person.page.get_by_text("unloaded").first).to_be_visible()
        after = steps.looks_at_the_contact(person, "Bo")

    assert before == after == BO
    assert mistaken[2:4] == ["LastName Wrong", "Email wrong@example.com"]
    assert (s3.objects(steps.BUCKET), seen.found) == ({}, [])


def _runs_again(person: steps.Person) -> None:
    person.button("Open the navigation menu")
    person.link("Workflows")
    person.link("New employees")
    person.button("Run now")
    expect(person.page.get_by_text("The run has succeeded.")).to_be_attached()
    person.sees("employees/2026-03-04.csv")
