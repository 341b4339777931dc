"""What was typed comes back after signing in again: into the same form, and without secrets."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from browser import window
from builders import NOON

pytestmark = pytest.mark.slow
KEPT = "JSON.stringify(Object.values(sessionStorage))"


def test_the_other_forms_of_an_address_keep_the_objects_that_they_change(chrome, stage):
    for name in ("alpha", "omega"):
        stage.app.vault.put(name, "a value", now=NOON)
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto("/secrets")
        objects = page.locator("form[action='/secrets/delete'] input[name=name]")
        before = objects.evaluate_all("all => all.map((each) => each.value)")
        page.get_by_label("Name", exact=True).fill("another")
        page.get_by_label("Value", exact=True).fill("canary")

        kept = sign_in_again(browser, stage, page, "Set the secret")

        assert {"alpha", "omega"} <= set(before)
        assert "canary" not in kept
        assert objects.evaluate_all("all => all.map((each) => each.value)") == before
        expect(page.get_by_label("Name", exact=True)).to_have_value("another")


@pytest.mark.parametrize(
    ("path", "label", "button"),
    [
        ("/destinations/new?kind=sftp", "Private key", "Test and add"),
        ("/destinations/new?kind=http", "Address", "Test and add"),
        ("/workflows/new-staff/notices", "E-mail addresses", "Add the recipient"),
    ],
)
def test_a_secret_is_not_kept_in_the_browser(chrome, stage, path, label, button):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto(path)
        page.get_by_role("textbox", name=label).fill("canary")

        kept = sign_in_again(browser, stage, page, button)

        assert "canary" not in kept


def sign_in_again(browser: BrowserContext, stage, page: Page, button: str) -> str:
    """End the session, send the form, and sign in again. Returns what the browser kept meanwhile."""
    browser.clear_cookies()
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
    kept = str(page.evaluate(KEPT))
    stage.sign_in(browser)
    page.reload()
    expect(page.get_by_role("alert")).to_contain_text("Your input is back")
    return kept
