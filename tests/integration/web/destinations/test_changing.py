"""Destinations that exist: edited with their secrets kept, and removed if nothing uses them."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bucketlift.errors import NeedsPerson
from bucketlift.ledger import tables
from bucketlift.ledger.workflows.drafts import Drafts
from bucketlift.model.account import (
    Account,
    BearerAuth,
    Destination,
    DuckdbDestination,
    EnvSecret,
    FolderAccount,
    HttpDestination,
    LocalFolder,
    VaultSecret,
)
from bucketlift.model.user import Role
from bucketlift.service.destinations import destinations, own_destinations
from bucketlift.service.editor import drafts
from builders import NOON, a_workflow

HOOK = "https://hooks.example.com/rows"
INPUTS = {"new-kind": "http", "new-name": "hook", "new-url": HOOK, "new-auth": "bearer"}


@pytest.fixture
def editor(page):
    browser = page.browser(Role.EDITOR)
    assert browser.post("/destinations/added", data=INPUTS | {"new-secret": "first"}).status_code == 200
    return browser


def token(page):
    settings = page.app.ledger.catalog.destination("hook").settings
    assert isinstance(settings, HttpDestination)
    assert isinstance(settings.auth, BearerAuth)
    return page.app.vault.reveal(settings.auth.bearer)


def test_a_secret_that_is_left_empty_is_kept(page, editor):
    answer = editor.post("/destinations/hook/edit", data=INPUTS | {"new-idempotent": "yes"})

    assert answer.status_code == 200
    assert page.app.ledger.catalog.destination("hook").settings.idempotent
    assert token(page) == "first"


def test_a_new_secret_replaces_the_stored_one(page, editor):
    editor.post("/destinations/hook/edit", data=INPUTS | {"new-secret": "second"})

    assert token(page) == "second"
    assert len(page.app.vault.names()) == 1


def test_a_stored_secret_is_not_sent_to_another_address(page, editor):
    elsewhere = INPUTS | {"new-url": "https://hooks.example.com/other"}

    refused = editor.post("/destinations/hook/edit", data=elsewhere)
    answer = editor.post("/destinations/hook/edit", data=elsewhere | {"new-secret": "second"})

    assert (refused.status_code, answer.status_code) == (422, 200)
    assert "Enter the secret again" in refused.text
    assert token(page) == "second"


def test_settings_without_an_input_are_kept(page, editor):
    known = Destination(
        name="old",
        settings=HttpDestination(url=HOOK, auth=BearerAuth(bearer=EnvSecret(env="HOOK")), timeout=5),
    )
    destinations.add(page.app, known)

    answer = editor.post("/destinations/old/edit", data=INPUTS | {"new-idempotent": "yes"})

    assert answer.status_code == 422  # the variable is not set, so the test fails and nothing is changed
    assert page.app.ledger.catalog.destination("old") == known


def test_an_edit_whose_test_fails_changes_nothing(page, editor, exports):
    editor.post(
        "/destinations/added", data={"new-kind": "folder", "new-name": "out", "new-path": str(exports)}
    )

    answer = editor.post(
        "/destinations/out/edit", data={"new-kind": "folder", "new-path": f"{exports}/not-there"}
    )

    assert answer.status_code == 422
    assert "The folder does not exist" in answer.text
    assert page.app.ledger.catalog.destination("out").settings == LocalFolder(path=str(exports))


@pytest.mark.parametrize(
    "known",
    [
        Destination(name="file", settings=DuckdbDestination(path="/data/a.duckdb")),
        Destination(name="file", settings=HttpDestination(url=HOOK), project="hr"),
    ],
)
def test_a_file_and_what_a_workflow_file_owns_are_not_edited(page, known):
    page.app.ledger.catalog.save(destinations=(known,), now=page.app.now())
    editor = page.browser(Role.EDITOR)

    shown = editor.get("/destinations/file/edit")
    answer = editor.post("/destinations/file/edit", data=INPUTS)

    assert (shown.status_code // 100, answer.status_code // 100) == (4, 4)
    assert "/destinations/file/edit" not in editor.get("/destinations").text
    assert page.app.ledger.catalog.destination("file") == known


def test_a_removed_destination_leaves_no_secret(page, editor):
    secret = page.app.ledger.catalog.destination("hook").settings.auth.bearer
    assert isinstance(secret, VaultSecret)

    answer = editor.post("/destinations/hook/delete")

    assert answer.status_code == 303
    assert page.app.ledger.catalog.destinations() == {}
    assert secret.secret not in page.app.vault.names()


def test_a_destination_that_a_draft_uses_is_shown_with_it_and_not_removed(page, editor):
    key = drafts.create(page.app, "schedule")
    drafts.change(
        page.app,
        key,
        lambda document: (
            document
            | {"title": "Hire dates", "tasks": [{"id": "post", "load_rows": {"from": "files", "to": "hook"}}]}
        ),
    )

    shown = editor.get("/destinations").text
    answer = editor.post("/destinations/hook/delete")

    assert "Hire dates</a> (unpublished changes)" in shown
    assert answer.status_code in {400, 409, 422}
    assert "Hire dates" in answer.text
    assert "hook" in page.app.ledger.catalog.destinations()


@pytest.fixture
def unreadable(page):
    """A workflow of a later version of Bucketlift, which this version cannot read."""
    page.app.ledger.catalog.save(workflows=(a_workflow(key="strange"),), now=NOON)
    with page.app.ledger.database.writing() as connection:
        connection.execute(sa.update(tables.workflow_versions).values(definition={"format": 99}))


def test_a_workflow_that_cannot_be_read_hides_no_destination_or_account_and_lets_none_be_deleted(
    page, editor, exports, unreadable
):
    account = Account(name="acme", settings=FolderAccount(path=str(exports)))
    page.app.ledger.catalog.save(accounts=(account,), now=NOON)
    admin = page.browser(Role.ADMINISTRATOR)

    shown = [admin.get(path).status_code for path in ("/destinations", "/accounts/acme")]
    refused = [admin.post(f"{path}/delete") for path in ("/destinations/hook", "/accounts/acme")]

    assert shown == [200, 200]
    assert all("This version cannot read the workflow" in each.text for each in refused)
    assert [*page.app.ledger.catalog.destinations(), *page.app.ledger.catalog.accounts()] == ["hook", "acme"]


def test_the_list_reads_the_drafts_once_for_all_destinations(page, editor, monkeypatch):
    more = [Destination(name=f"d{each}", settings=DuckdbDestination(path="/a")) for each in range(5)]
    page.app.ledger.catalog.save(destinations=tuple(more), now=NOON)
    reads = []
    read = Drafts.all

    def counted(drafts):
        reads.append(drafts)
        return read(drafts)

    monkeypatch.setattr(Drafts, "all", counted)

    editor.get("/destinations")

    assert len(reads) == 1


@pytest.mark.parametrize(("path", "doing"), [("added", "add"), ("hook/edit", "change")])
def test_what_was_typed_stays_if_the_installation_cannot_store_it(page, editor, monkeypatch, path, doing):
    def fails(*_):
        raise NeedsPerson("The key file cannot be read")

    monkeypatch.setattr(own_destinations, doing, fails)

    answer = editor.post(
        f"/destinations/{path}", data=INPUTS | {"new-url": f"{HOOK}/typed", "new-secret": "x"}
    )

    assert answer.status_code == 422
    assert "The key file cannot be read" in answer.text
    assert f"{HOOK}/typed" in answer.text


def url(page):
    return page.app.ledger.catalog.destination("hook").settings.url


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        (HOOK, f"{HOOK}?key=canary"),
        (f"{HOOK}?", HOOK),
        (f"{HOOK}?key=other", f"{HOOK}?key=other"),
        ("https://hooks.example.com/other", "https://hooks.example.com/other"),
    ],
)
def test_the_query_of_an_address_is_not_shown_and_kept_while_the_address_stays(page, typed, stored):
    editor, without = page.browser(Role.EDITOR), INPUTS | {"new-auth": "none"}
    editor.post("/destinations/added", data=without | {"new-url": f"{HOOK}?key=canary"})

    shown = editor.get("/destinations/hook/edit").text
    answer = editor.post("/destinations/hook/edit", data=without | {"new-url": typed})

    assert ("canary" in shown, f'value="{HOOK}"' in shown) == (False, True)
    assert (answer.status_code, url(page)) == (200, stored)


def test_the_list_says_which_destination_was_removed(page, editor):
    editor.post("/destinations/hook/delete")

    assert "hook is removed." in editor.get("/destinations").text
