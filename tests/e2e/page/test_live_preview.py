"""The preview of a sample changes while somebody types, and nothing that they type is lost."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

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


FLOW = "/workflows/new-staff/tasks"
TYPED_THEN_CHECKED = {
    f"{FLOW}/people/table": ("Table", "staff", ("Append", "Replace", "Upsert by key")),
    f"{FLOW}/contacts/contacts": ("Mailing list", "All staff", ("Email", "Email", "Email")),
    f"{FLOW}/files/extract/setup": ("S3 bucket name", "demo-drop", ("Keep the", "Rename the", "Delete the")),
    f"{FLOW}/files/extract/fields": (
        "Treat as empty",
        "n/a",
        ("Load the valid rows", "Hold the file", "Load the valid rows"),
    ),
}
"""For each form that is sent when something changes: what is typed, and the boxes that are clicked right after it."""
HELD = (0, 80, 150)
"""Milliseconds between press and release: shorter and longer than the server's answer takes."""


def test_a_click_right_after_typing_counts_and_nothing_typed_is_lost(chrome, stage):
    lost = []

    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        for path, (label, text, boxes) in TYPED_THEN_CHECKED.items():
            page.goto(path)
            page.evaluate(
                "() => { for (const each of document.querySelectorAll('details')) each.open = true; }"
            )
            for held, name in zip(HELD, boxes, strict=True):
                typed = page.get_by_label(label, exact=True)
                box = page.locator("label", has_text=name).locator("input").first
                before = box.is_checked()
                typed.fill(f"{text}{held}")
                press(page, box, held)
                answered(page)
                if (typed.input_value(), box.is_checked()) != (f"{text}{held}", is_radio(box) or not before):
                    lost.append((path, held, typed.input_value(), box.is_checked()))
    assert (lost, seen.found) == ([], [])


def test_save_right_after_typing_saves_what_was_typed(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        page.goto(f"{FLOW}/people/table")
        page.get_by_label("Table", exact=True).fill("staff_of_today")
        press(page, page.get_by_role("button", name="Save"), 80)

        expect(page.get_by_role("heading", level=1)).to_have_text("New staff")
        expect(page.locator("#task-people")).to_contain_text("staff_of_today")
    assert seen.found == []


LOAD = f"{FLOW}/people/table"
TRIGGER = "/workflows/new-staff/triggers/0"


@pytest.mark.parametrize(("path", "label"), [(LOAD, "Table"), (TRIGGER, "Cron expression")])
def test_what_was_typed_stays_while_the_server_is_away_and_is_saved_after_it(chrome, stage, path, label):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto(path)
        browser.set_offline(True)
        page.get_by_label(label, exact=True).fill("1 2 * * *")
        page.get_by_role("button", name="Save", exact=True).click()

        expect(page.get_by_role("alert")).to_contain_text("The server does not answer")
        expect(page.get_by_role("alert")).to_be_in_viewport()
        expect(page.get_by_label(label, exact=True)).to_have_value("1 2 * * *")

        browser.set_offline(False)
        expect(page.get_by_role("alert")).to_have_count(0)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_have_text("New staff")


@pytest.mark.parametrize(("path", "label"), [(LOAD, "Table"), (TRIGGER, "Cron expression")])
def test_what_was_typed_comes_back_after_signing_in_again(chrome, stage, path, label):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto(path)
        page.get_by_label(label, exact=True).fill("3 4 * * *")
        browser.clear_cookies()
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("Your session has ended")
        page.get_by_role("alert").get_by_role("link", name="Sign in").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")

        stage.sign_in(browser)
        page.goto(page.locator("input[name=next]").get_attribute("value") or "")

        expect(page.get_by_role("alert")).to_contain_text("Your input is back")
        expect(page.get_by_label(label, exact=True)).to_have_value("3 4 * * *")


def test_a_person_who_is_ticked_selects_the_choice_and_another_choice_clears_the_person(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto("/extensions/amazon-s3")
        form = page.locator("form[action='/extensions/amazon-s3/demo']")
        person, chosen = form.get_by_label("grace@example.com"), form.get_by_label("selected people")

        person.check()
        expect(chosen).to_be_checked()
        form.get_by_label("administrators only").check()
        expect(person).not_to_be_checked()


def press(page: Page, where: Locator, held: int) -> None:
    """Press and release the mouse where it is, as a hand does."""
    where.scroll_into_view_if_needed()
    spot = where.bounding_box()
    assert spot is not None
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    page.mouse.down()
    page.wait_for_timeout(held)
    page.mouse.up()


def answered(page: Page) -> None:
    expect(page.locator(".htmx-request")).to_have_count(0)


def is_radio(box: Locator) -> bool:
    return box.get_attribute("type") == "radio"
