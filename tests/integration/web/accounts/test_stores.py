"""S3-compatible stores on the page: where the operator allows, with keys that go nowhere else."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.user import Role
from bucketlift.service.accounts import doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from buckets import EVERYTHING
from visitors import opened

pytestmark = pytest.mark.slow
OTHER = "http://127.0.0.1:9"


@pytest.fixture
def store(scene):
    """A store that an editor connected: its name and the browser that did it."""
    access, secret = scene.server.make_user("lab", EVERYTHING)
    browser = scene.page.browser(Role.EDITOR)
    browser.post(
        "/accounts/stores",
        data={"title": "Lab", "endpoint": scene.server.url, "access_key": access, "secret_key": secret},
    )
    return "lab", browser, secret


def test_a_store_that_the_operator_allows_is_connected(scene, store):
    name, _, _ = store

    report = doctor.examine(scene.page.app, name, AccountUse(bucket="drop"))

    assert report.passed


def test_its_keys_are_never_shown_again(scene, store):
    name, browser, secret = store

    pages = [browser.get(address).text for address in ("/accounts", f"/accounts/{name}", "/accounts/new")]

    assert not any(secret in page for page in pages)


@pytest.mark.parametrize(
    "endpoint",
    ["http://169.254.169.254", "http://localhost:1", "http://[::1]:9", "http://127.0.0.1:9@evil.example", ""],
)
def test_any_other_address_is_refused(scene, endpoint):
    browser = scene.page.browser(Role.ADMINISTRATOR)

    refused = browser.post(
        "/accounts/stores", data={"title": "Lab", "endpoint": endpoint, "access_key": "a", "secret_key": "b"}
    )

    assert refused.status_code == 422
    assert scene.page.app.ledger.catalog.accounts() == {}


@pytest.mark.parametrize("key", ["", "AKIA\r\nX-Injected: 1", "a\0b"])
def test_a_key_that_no_store_has_given_out_is_refused(scene, key):
    browser = scene.page.browser(Role.EDITOR)
    said = {"title": "Lab", "endpoint": scene.server.url, "access_key": key, "secret_key": "b"}

    refused = browser.post("/accounts/stores", data=said)

    assert refused.status_code == 422
    assert scene.page.app.ledger.catalog.accounts() == {}


def test_another_address_does_not_get_the_keys_of_this_one(scene, store):
    name, browser, _ = store

    refused = browser.post(f"/accounts/{name}/store", data={"endpoint": OTHER})

    assert refused.status_code == 422
    assert scene.page.app.ledger.catalog.account(name).settings.endpoint_url == scene.server.url


def test_another_address_is_taken_with_keys_of_its_own(scene, store):
    name, browser, secret = store

    browser.post(
        f"/accounts/{name}/store", data={"endpoint": OTHER, "access_key": "new", "secret_key": "newer"}
    )

    settings = scene.page.app.ledger.catalog.account(name).settings
    assert settings.endpoint_url == OTHER
    assert scene.page.app.vault.reveal(settings.secret_key) == "newer" != secret


def test_an_address_that_the_operator_takes_off_the_list_is_reached_no_more(scene, store, tmp_path):
    name, _, _ = store

    with (
        opened(tmp_path / "home", allowed_endpoints=OTHER) as later,
        pytest.raises(RequestWrong, match="does not allow"),
    ):
        doctor.examine(later.app, name, AccountUse(bucket="drop"))


def test_a_store_takes_no_secret_of_the_operators_by_its_name(scene):
    app = scene.page.app
    app.vault.put("lab-access-key", "the operator's", now=app.now())

    scene.page.browser(Role.EDITOR).post(
        "/accounts/stores",
        data={"title": "Lab", "endpoint": scene.server.url, "access_key": "a", "secret_key": "b"},
    )

    assert app.vault._from_store("lab-access-key") == "the operator's"


def test_a_store_of_somebody_else_is_not_theirs_to_change(scene, store):
    name, _, _ = store

    refused = scene.page.browser(Role.ADMINISTRATOR).post(
        f"/accounts/{name}/store", data={"endpoint": OTHER, "access_key": "a", "secret_key": "b"}
    )

    assert refused.status_code == 404


@pytest.mark.parametrize(("another", "is_kept"), [("", True), ("yes", False)])
def test_files_of_a_new_address_count_as_loaded_unless_the_user_says_that_it_is_another_store(
    scene, store, another, is_kept
):
    name, browser, _ = store
    before = scene.page.app.ledger.catalog.account(name).settings.store

    changed = browser.post(
        f"/accounts/{name}/store",
        data={"endpoint": OTHER, "access_key": "new", "secret_key": "newer", "another_place": another},
    )

    assert changed.status_code == 303
    assert (scene.page.app.ledger.catalog.account(name).settings.store == before) is is_kept


def test_replaced_keys_leave_the_vault(scene, store):
    name, browser, _ = store

    browser.post(
        f"/accounts/{name}/store",
        data={"endpoint": scene.server.url, "access_key": "new", "secret_key": "newer"},
    )

    settings = scene.page.app.ledger.catalog.account(name).settings
    assert set(scene.page.app.vault.names()) == {settings.access_key.secret, settings.secret_key.secret}
