"""The forms of destinations and of accounts of files, with a real mouse: accessible, and nothing that was typed is lost."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from browser import window
from e2e.page.test_accessible import AXE, OVERFLOW, RUN, VIEWS, WCAG
from pages.watching import watch

pytestmark = pytest.mark.slow
FORMS = (
    "/destinations/new?kind=sftp",
    "/destinations/new?kind=http",
    "/destinations/new?kind=postgresql",
    "/accounts/new?kind=folder",
)


def test_the_forms_of_places_are_accessible_and_fit(chrome, stage):
    with window(chrome, stage.address, bypass_csp=True) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)

        found = []
        for address in FORMS:
            page.goto(address)
            page.add_script_tag(path=AXE)
            for width, scheme in VIEWS:
                page.set_viewport_size({"width": width, "height": 900})
                page.evaluate("(scheme) => { document.documentElement.dataset.bsTheme = scheme }", scheme)
                found += [f"{address} {width} {each}" for each in page.evaluate(RUN, WCAG)]
                found += [f"{address} {width} {each}" for each in page.evaluate(OVERFLOW)]

    assert found + seen.found == []


def test_a_server_that_is_not_allowed_keeps_the_input_and_shows_the_line_to_set(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto("/destinations")
        page.get_by_role("link", name="Add a destination").click()
        expect(page.get_by_text("an administrator must allow it first")).to_have_count(4)
        page.get_by_role("link", name=re.compile("^PostgreSQL")).click()
        expect(page.get_by_text("BUCKETLIFT_ALLOWED_DATABASES=db.example.com:5432")).to_be_visible()
        page.get_by_label("Name", exact=True).fill("far")
        page.get_by_label("URL").fill("postgresql://hr:secret@db.internal:6432/hr")

        page.get_by_role("button", name="Test and add").click()

        expect(page.get_by_text("BUCKETLIFT_ALLOWED_DATABASES=db.internal:6432", exact=True)).to_be_visible()
        expect(page.get_by_label("URL")).to_have_value("postgresql://hr:secret@db.internal:6432/hr")
        expect(page.get_by_label("Name", exact=True)).to_have_value("far")
