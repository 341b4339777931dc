"""The form of a load of contacts while the directory does not answer."""

from __future__ import annotations

from threading import Event

import pytest

from bucketlift.model.account import Destination, DirectoryDestination
from bucketlift.service.directory import people
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading import contacts_context as contacts
from bucketlift.web.loading.contacts_form import ContactsForm
from builders import NOON


@pytest.fixture
def answered(page, monkeypatch, tmp_path):
    """Set to let the directory answer."""
    answered = Event()

    class Busy:
        def lists(self):
            answered.wait()
            return []

        counts = lists

    place = Destination(name="people", settings=DirectoryDestination(path=str(tmp_path / "people.sqlite")))
    page.app.ledger.catalog.save(destinations=(place,), now=NOON)
    monkeypatch.setattr(people, "opened", lambda *_: Busy())
    monkeypatch.setattr(contacts, "LONGEST", 0.01)
    yield answered
    answered.set()


def test_a_directory_that_does_not_answer_does_not_block_the_form(page, answered):
    place = TaskPosition(workflow="nightly", task="people")

    context = contacts.contacts_context(page.app, place, ContactsForm(to="people"))

    assert context["lists"] == []
    assert "The directory people cannot be read now" in context["changes"][0]
