"""The page of a directory: people, the source of each value, undo and deletion."""

from __future__ import annotations

import pytest

from bucketlift.model.user import Role
from e2e.test_directory import PEOPLE, contacts
from e2e.world import extract, table_of
from integration.web.watching.test_attention import text_of
from visitors import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def page(world):
    world.apply(extract("keep"), contacts(list="All staff"), destinations=PEOPLE)
    world.put("in/a.csv", table_of(("1", "Ada"), ("2", "<b>Grace</b>")))
    world.run()
    world.put("in/b.csv", table_of(("2", "Hopper")))
    world.run()
    with opened(world.home) as opened_page:
        yield opened_page


def test_a_directory_is_searched_and_exported(page):
    browser = page.browser(Role.OPERATOR)

    only = browser.get("/directory")
    whole = text_of(browser.get("/directory/people"))
    found = text_of(browser.get("/directory/people?q=ADA&list=All+staff"))
    exported = browser.get("/directory/people/export.csv").text

    assert (only.status_code, only.headers["location"]) == (303, "/directory/people")
    assert "Contacts (2)" in whole
    assert "Hopper" in whole
    assert "ExternalReference" in whole
    assert "Ada" in found
    assert "Hopper" not in found
    assert exported.splitlines() == ["ContactID,FirstName,ExternalReference", "1,Ada,1", "2,Hopper,2"]


def test_a_contact_shows_the_file_of_each_value_and_the_undo_says_what_it_changes(page):
    browser = page.browser(Role.OPERATOR)
    shown = browser.get("/directory/people/person?kind=contacts&id=2")
    files = {claim.source.key: claim.id for claim in page.app.ledger.claims.find()}

    asked = text_of(browser.get(f"/files/{files['in/b.csv']}/unload"))
    browser.post(f"/files/{files['in/b.csv']}/unload")

    assert "in/a.csv" in shown.text
    assert "in/b.csv" in shown.text
    assert "&lt;b&gt;Grace&lt;/b&gt;" in shown.text
    assert f"/files/{files['in/b.csv']}/unload" in shown.text
    assert "0 people are deleted, and 1 person gets the values from before" in asked
    after = text_of(browser.get("/directory/people/person?kind=contacts&id=2"))
    assert "<b>Grace</b>" in after
    assert "undone" in after


def test_only_an_editor_deletes_people_and_a_viewer_sees_none(page):
    viewer, operator, editor = (page.browser(role) for role in (Role.VIEWER, Role.OPERATOR, Role.EDITOR))
    form = {"kind": "contacts", "id": "2"}

    refused = operator.post("/directory/people/delete", data=form)
    asked = text_of(editor.get("/directory/people/delete?kind=contacts&id=2"))
    deleted = editor.post("/directory/people/delete", data=form)

    assert (refused.status_code, viewer.get("/directory/people").status_code) == (403, 403)
    assert "This cannot be undone" in asked
    assert (deleted.status_code, deleted.headers["location"]) == (303, "/directory/people?kind=contacts")
    assert "Contacts (1)" in text_of(editor.get("/directory/people"))
    assert editor.get("/directory/people/person?kind=contacts&id=2").status_code == 404


def test_destinations_lead_to_the_directory_and_runs_name_its_task(page):
    browser = page.browser(Role.EDITOR)
    (run, *_) = page.app.ledger.runs.find(limit=1)

    destinations = text_of(browser.get("/destinations"))
    shown = text_of(browser.get(f"/runs/{run.id}"))
    editor = text_of(browser.get("/workflows/w"))

    assert "Directory of people" in destinations
    assert "Add contacts and transactions" in shown
    assert "into contacts of people, merged by ExternalReference, in the mailing list All staff" in editor
