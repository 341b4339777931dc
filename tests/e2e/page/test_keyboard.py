"""Without a mouse: everything is reached, seen where it is, and panels keep and give back the focus."""

import re

import pytest
from playwright.sync_api import Page, expect

from browser import window
from pages.watching import watch

pytestmark = pytest.mark.slow

HERE = """() => {
  const here = document.activeElement;
  const named = here.getAttribute("aria-label") || (here.labels?.[0] || here).innerText || "";
  const style = getComputedStyle(here), field = here.closest("label, .form-check") || here;
  const seen = style.outlineStyle !== "none" || style.boxShadow !== "none" || getComputedStyle(field).outlineStyle !== "none";
  return {name: named.trim(), seen, place: [...document.querySelectorAll("*")].indexOf(here)};
}"""
TO_REACH = """() => {
  const all = [...document.querySelectorAll("*")];
  const wanted = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const radios = new Set();
  return [...document.querySelectorAll(wanted)].filter((each) => {
    if (each.disabled || each.tabIndex < 0 || !each.checkVisibility({visibilityProperty: true})) return false;
    // Of a group of radio buttons, Tab comes to one; arrows go to the others.
    if (each.type !== "radio") return true;
    return each.checked;
  }).map((each) => all.indexOf(each));
}"""
MOST = 120


def test_somebody_creates_renames_and_schedules_a_workflow_by_keys_alone(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        page.goto("/workflows")

        press(page, "Create a workflow")
        expect(page.get_by_role("heading", level=1)).to_have_text("Create a workflow")
        press(page, "Scheduled")
        expect(page.get_by_role("heading", level=1)).to_have_text("Schedule")
        go_to(page, "Time")
        page.keyboard.press("Control+A")
        page.keyboard.type("06:30")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("New workflow")
        press(page, "New workflow")
        page.get_by_label("Name of the workflow").wait_for()
        page.keyboard.press("Control+A")
        page.keyboard.type("By keys alone")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_contain_text("By keys alone")

        expect(page.get_by_role("link", name=re.compile("^Every day at 06:30"))).to_be_visible()
    assert seen.found == []


def test_a_decision_can_be_chosen_once_a_file_that_it_fits_is_selected(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto("/attention")
        accept, retry = (page.get_by_role("button", name=name) for name in ("Accept", "Retry"))

        expect(accept).to_be_disabled()
        expect(retry).to_be_disabled()
        page.get_by_label("Select employees/2026-03-04.csv").press("Space")
        expect(retry).to_be_enabled()
        expect(accept).to_be_disabled()
        page.get_by_label("Select surveys/2026-04.csv").press("Space")
        expect(accept).to_be_enabled()


@pytest.mark.parametrize("path", ["/workflows", "/workflows/new-staff", "/runs", "/attention", "/people"])
def test_tab_comes_to_everything_and_shows_where_it_is(chrome, stage, path):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto(path, wait_until="networkidle")
        wanted = set(page.evaluate(TO_REACH))

        # A date takes several.
        visited = [tab(page) for _ in range(len(wanted) + 20)]

    assert wanted - {each["place"] for each in visited} == set()
    assert [each["name"] for each in visited if each["place"] in wanted and not each["seen"]] == []


STEPS = (
    "/workflows/new-staff/tasks/files/extract/account",
    "/workflows/new-staff/tasks/files/extract/setup",
    "/workflows/new-staff/tasks/files/extract/fields",
    "/workflows/new-staff/tasks/people/table",
    "/workflows/new-staff/tasks/enough/condition",
    "/workflows/new-staff/triggers/0",
)
IN_A_FIELD = "() => document.activeElement.matches('main :is(input, select, textarea)')"


def test_the_first_field_of_a_step_is_reached_by_few_keys(chrome, stage):
    far = []

    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        for path in STEPS:
            page.goto(path)
            press(page, "Skip to content")
            if not any(tab(page) and page.evaluate(IN_A_FIELD) for _ in range(6)):
                far.append(path)
    assert far == []


def test_a_panel_keeps_the_focus_and_gives_it_back(chrome, stage):
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto("/workflows/new-staff/tasks/files/extract/account")
        press(page, "Add a user account")
        page.get_by_label("External ID", exact=True).wait_for()

        outside = [name for name in (str(tab(page)["name"]) for _ in range(30)) if not is_inside(page)]
        page.keyboard.press("Escape")
        page.get_by_role("dialog").wait_for(state="hidden")

        assert outside == []
        expect(page.get_by_role("link", name="Add a user account")).to_be_focused()


def tab(page: Page) -> dict[str, object]:
    page.keyboard.press("Tab")
    return page.evaluate(HERE)


def go_to(page: Page, name: str) -> None:
    """Press Tab until the focus is on what begins with this name."""
    for _ in range(MOST):
        if str(tab(page)["name"]).startswith(name):
            return
    raise AssertionError(f"Tab never came to {name}")


def press(page: Page, name: str) -> None:
    go_to(page, name)
    page.keyboard.press("Enter")


def is_inside(page: Page) -> bool:
    """In the panel, or on the browser's own bar, from where the next Tab comes back to it."""
    found = page.evaluate(
        "() => document.activeElement === document.body || !!document.activeElement.closest('[role=dialog]')"
    )
    return bool(found)
