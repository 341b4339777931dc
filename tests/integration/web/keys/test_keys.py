"""PGP keys on the page."""

from __future__ import annotations

import pytest

import gpg
from bucketlift.model.user import Role
from bucketlift.service.editor import drafts

pytestmark = pytest.mark.skipif(gpg.ABSENT, reason="There is no gpg on this machine.")


@pytest.fixture
def made(page):
    """A browser of an editor who made a key."""
    browser = page.browser(Role.EDITOR)
    browser.post("/keys/made", data={"name": "hr-2026", "expires": "1y", "kind": "ed25519"})
    return browser


@pytest.mark.slow
def test_a_key_is_made_and_its_public_part_is_there_to_give_away(page, made):
    public = page.browser(Role.VIEWER).get("/keys/hr-2026/public")

    assert public.text.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    assert public.headers["content-disposition"] == 'attachment; filename="hr-2026.asc"'
    assert page.app.ledger.keys.get("hr-2026").expires_at is not None


@pytest.mark.slow
def test_the_private_part_is_shown_nowhere(page, made):
    private = page.app.vault.private_key("hr-2026")

    shown = [made.get(address).text for address in ("/keys", "/keys/hr-2026/public")]

    assert "PRIVATE" in private
    assert not any("PRIVATE" in each for each in shown)


@pytest.mark.slow
def test_a_key_nobody_uses_can_be_deleted(page, made):
    made.post("/keys/hr-2026/delete")

    assert page.app.ledger.keys.all() == {}


@pytest.mark.slow
def test_a_public_key_that_is_imported_checks_signatures(page, made):
    public = made.get("/keys/hr-2026/public").content
    made.post("/keys/hr-2026/delete")

    made.post("/keys/brought", data={"brought_name": "sender"}, files={"file": ("k.asc", public)})

    assert page.app.ledger.keys.get("sender").kind.value == "signer"


@pytest.mark.parametrize(
    ("data", "files"),
    [
        ({"brought_name": "sender"}, {"file": ("k.asc", b"not a key")}),
        ({"brought_name": "sender"}, {}),
        ({"brought_name": "../x"}, {"file": ("k.asc", b"x")}),
    ],
    ids=["no key", "no file", "no name"],
)
def test_what_is_no_key_is_refused_and_nothing_is_kept(page, data, files):
    refused = page.browser(Role.EDITOR).post("/keys/brought", data=data, files=files)

    assert refused.status_code == 422
    assert page.app.ledger.keys.all() == {}


def test_a_name_that_is_none_is_refused_with_what_was_typed(page):
    refused = page.browser(Role.EDITOR).post("/keys/made", data={"name": "two words", "kind": "ed25519"})

    assert refused.status_code == 422
    assert 'value="two words"' in refused.text


def test_a_key_that_a_draft_names_is_not_deleted(page, made):
    key = drafts.create(page.app, "schedule")
    task = {"id": "files", "extract": {"pgp": {"keys": ["hr-2026"]}}}
    drafts.change(page.app, key, lambda document: document | {"tasks": [task]})

    refused = made.post("/keys/hr-2026/delete")

    assert (refused.status_code, f"{key} / files" in refused.text) == (422, True)
    assert list(page.app.ledger.keys.all()) == ["hr-2026"]
