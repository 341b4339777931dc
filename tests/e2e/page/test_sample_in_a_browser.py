"""A sample is uploaded, its format is changed beside the preview, and fields are searched and typed by suggestion."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import window
from pages.watching import watch

pytestmark = pytest.mark.slow
NAMES = [f"Ünit {number}" for number in range(300)]
WIDE = ";".join(NAMES) + "\n" + "".join(";".join(map(str, range(row, row + 300))) + "\n" for row in range(3))
LARGE = "id;text\n" + f"1;{'x' * 90}\n" * 120_000
"""More than the page uploads: only the beginning is sent."""


def test_a_sample_is_uploaded_changed_beside_its_preview_and_its_fields_are_searched(chrome, stage, tmp_path):
    large, wide = tmp_path / "large.csv", tmp_path / "wide.csv"
    large.write_text(LARGE)
    wide.write_text(WIDE)
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        page.goto("/workflows/new-staff/tasks/files/extract/setup")
        summary = page.locator("#sample-summary")

        page.get_by_label("Choose file").set_input_files(large)
        expect(summary).to_contain_text("Semicolons, UTF-8, header in line 1: 2 columns")
        page.get_by_label("Delimiter", exact=True).fill("x")
        expect(page.get_by_text("The cells are separated by semicolons")).to_be_visible()
        expect(page.get_by_label("Delimiter", exact=True)).to_be_focused()
        page.get_by_role("button", name="Set Delimiter to ;").click()
        expect(page.get_by_label("Delimiter", exact=True)).to_have_value(";")
        expect(summary).to_contain_text("2 columns")

        page.get_by_label("Choose file").set_input_files(wide)
        expect(summary).to_contain_text("300 columns")
        page.get_by_role("button", name="Next", exact=True).click()
        search = page.get_by_label("Search fields")
        search.fill("ünit 29")
        search.press("Enter")
        expect(page.get_by_text("11 of 300 fields")).to_be_visible()
        expect(page.get_by_role("rowheader").locator("visible=true")).to_have_count(11)
        page.get_by_role("button", name="Use integer for Ünit 29", exact=True).click()
        expect(page.get_by_label("Type of Ünit 29", exact=True)).to_have_value("integer")
        expect(page.get_by_label("Type of Ünit 29", exact=True)).to_be_focused()
        expect(page.get_by_role("rowheader").locator("visible=true")).to_have_count(11)
    assert seen.found == []
