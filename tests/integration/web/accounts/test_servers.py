"""SFTP servers as accounts: what happens to their stored secrets when the account is changed or deleted."""

from __future__ import annotations

import pytest

from bucketlift.model.user import Role
from visitors import opened

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"


@pytest.fixture
def page(tmp_path):
    allowed = "files.example.com:2222,files.example.com:22"
    with opened(tmp_path / "home", allowed_hosts=allowed) as page:
        yield page


def inputs(**more):
    return {
        "new-kind": "sftp",
        "new-title": "Drop",
        "new-host": "files.example.com",
        "new-port": "2222",
        "new-user": "hr",
        "new-path": "in",
        "new-sign_in": "password",
        "new-host_key": KEY,
    } | {f"new-{name}": value for name, value in more.items()}


@pytest.fixture
def editor(page):
    browser = page.browser(Role.EDITOR)
    assert browser.post("/accounts/places", data=inputs(secret="first")).status_code == 303
    return browser


def settings(page):
    return page.app.ledger.catalog.account("drop").settings


@pytest.mark.parametrize("port", ["22", ""])
def test_a_stored_password_is_not_sent_to_another_port(page, editor, port):
    refused = editor.post("/accounts/drop/place", data=inputs(port=port))
    answer = editor.post("/accounts/drop/place", data=inputs(port=port, secret="second"))

    assert (refused.status_code, answer.status_code) == (422, 303)
    assert "A stored secret is not sent to another server" in refused.text
    assert settings(page).port == 22


def test_a_replaced_password_leaves_the_vault_and_an_empty_input_keeps_it(page, editor):
    editor.post("/accounts/drop/place", data=inputs(secret="second"))
    editor.post("/accounts/drop/place", data=inputs(path="other"))

    assert page.app.vault.reveal(settings(page).password) == "second"
    assert page.app.vault.names() == (settings(page).password.secret,)


def test_a_deleted_account_leaves_no_password(page, editor):
    editor.post("/accounts/drop/delete")

    assert page.app.vault.names() == ()
