"""The preview of a sample changes while somebody types, and nothing that they type is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from browser import window
from bucketlift.service.editor import extracts
from bucketlift.service.editor.samples import take
from bucketlift.service.editor.tasks import TaskPosition
from pages.watching import watch

pytestmark = pytest.mark.slow
SAMPLE = b"id;amount\n1;1.234,50\n2;7,00\n"


def test_another_delimiter_changes_the_preview_and_leaves_the_focus_and_what_was_typed(chrome, stage):
    (flow,) = stage.furniture["workflow"]
    place = TaskPosition(workflow=flow, task="files")
    half = extracts.find(stage.app, place)
    sample = take(stage.app, half["extract"], name="amounts.csv", content=SAMPLE)
    extracts.keep(stage.app, place, {**half, "sample": sample, "extract": {**half["extract"], "fields": {}}})

    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        page.goto(f"/workflows/{flow}/tasks/files/extract/fields")
        if not page.locator("#format").evaluate("each => each.open"):
            page.get_by_text("Advanced format").click()
        page.get_by_label("Treat as empty", exact=True).fill("n/a, NUL")
        page.get_by_label("Delimiter", exact=True).press_sequentially(";")

        preview = page.get_by_role("region", name="Preview")
        expect(preview.get_by_role("cell")).to_have_text(["1", "1.234,50", "2", "7,00"])
        expect(page.get_by_label("Delimiter", exact=True)).to_be_focused()
        expect(page.get_by_label("Treat as empty", exact=True)).to_have_value("n/a, NUL")

        page.get_by_label("Type of amount").select_option("decimal")
        page.get_by_label("Decimal point of amount").select_option(label="comma")
        expect(page.get_by_label("Type of amount")).to_have_value("decimal")
    assert seen.found == []
