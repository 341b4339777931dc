"""Every page that the router knows: WCAG A and AA by axe-core, light and dark, wide and narrow; and no complaint."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from browser import window
from bucketlift.model.user import Role
from pages.addresses import addresses, routes, without_example
from pages.watching import is_page, watch

pytestmark = pytest.mark.slow

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
RUN = """async (only) => {
  const found = await axe.run(document, {runOnly: only, resultTypes: ["violations"]});
  return found.violations.flatMap((each) => each.nodes.map((node) => `${each.id}: ${node.html.slice(0, 200)}`));
}"""
OVERFLOW = """() => document.documentElement.scrollWidth <= document.documentElement.clientWidth ? [] :
  [...document.querySelectorAll("main *")].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .slice(0, 3).map((each) => `wider than the window: ${each.outerHTML.slice(0, 160)}`)"""


# What is drawn wide and narrow, and in one theme and the other, each once.
VIEWS = ((1400, "light"), (400, "dark"))
SECTIONS = {
    "tasks": lambda path: "/tasks/" in path,
    "workflows": lambda path: path.startswith("/workflows") and "/tasks/" not in path,
    "runs": lambda path: path.startswith(("/runs", "/files", "/attention", "/outbox")),
    "others": lambda path: not path.startswith(("/workflows", "/runs", "/files", "/attention", "/outbox")),
}
"""Every path is in one of them."""


@pytest.fixture(scope="module", autouse=True)
def _axe():
    if not AXE.exists():
        pytest.skip("axe-core is not there; `npm ci` fetches it, and building the package does so")


@pytest.mark.parametrize("section", SECTIONS)
def test_every_page_is_accessible_fits_and_complains_of_nothing(chrome, stage, section):
    paths = [path for path in routes(stage.app) if SECTIONS[section](path)]
    with window(chrome, stage.address, bypass_csp=True) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)

        found = [
            f"{address}: {each}"
            for _, address in addresses(paths, stage.examples())
            for each in looked_at(page, address)
        ]

    assert found + seen.found == []


def test_what_is_shown_to_strangers_is_accessible(chrome, stage):
    with window(chrome, stage.address, bypass_csp=True) as browser:
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)

        found = [each for address in ("/sign-in", stage.invitation()) for each in looked_at(page, address)]

    assert found + seen.found == []


def test_no_page_lacks_an_example(stage):
    assert without_example(routes(stage.app), stage.examples()) == set()


def test_what_a_viewer_is_shown_is_accessible(chrome, stage):
    with window(chrome, stage.address, bypass_csp=True) as browser:
        stage.sign_in(browser, Role.VIEWER)
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)

        found = [
            each
            for address in ("/workflows", "/runs", "/attention", "/accounts", "/me", "/people")
            for each in looked_at(page, address)
        ]

    assert found + seen.found == []


OPENED = {
    "an account": ("/workflows/new-staff/tasks/files/extract/account", "Add a user account"),
    "a destination": ("/workflows/new-staff/tasks/people/table", "Add a destination"),
    "a name": ("/workflows/new-staff", "New staff"),
    "a menu": ("/workflows/new-staff", "+ Add after files"),
    "a preview": ("/workflows/new-staff/tasks/files/extract/setup", "Preview files"),
    "files of the bucket": ("/workflows/new-staff/tasks/files/extract/setup", "Sample from the bucket"),
    "a check": ("/workflows/new-staff/tasks/files/extract/setup", "Check the permissions"),
}


@pytest.mark.parametrize("what", OPENED)
def test_what_opens_within_a_page_is_accessible(chrome, stage, what):
    address, name = OPENED[what]
    with window(chrome, stage.address, bypass_csp=True) as browser:
        stage.sign_in(browser)
        page = browser.new_page()
        page.goto(address)
        link, button = (page.get_by_role("link", name=name), page.get_by_role("button", name=name))
        link.or_(button).first.click()
        page.wait_for_load_state("networkidle")

        page.add_script_tag(path=AXE)
        found = page.evaluate(RUN, WCAG)

    assert found == []


@pytest.mark.parametrize("width", [1400, 400])
def test_written_files_are_set_up_by_mouse_and_keyboard_and_a_problem_leads_to_its_input(
    chrome, stage, width
):
    with window(chrome, stage.address, width=width, bypass_csp=True) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)
        page.goto("/workflows/new-staff/tasks/new?after=files&kind=task")
        page.get_by_role("link", name="Write files to S3, SFTP or a folder").click()
        name, alert = page.get_by_label("Name", exact=True), page.get_by_role("alert")
        page.get_by_label("Destination", exact=True).select_option("exports")
        name.click()
        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type("{day}-{file}")
        page.keyboard.press("Enter")
        alert.get_by_role("link", name="There is no placeholder “{day}”").click()
        expect(name).to_be_focused()
        expect(name).to_have_accessible_description(re.compile("There is no placeholder"))
        page.add_script_tag(path=AXE)
        found = page.evaluate(RUN, WCAG) + page.evaluate(OVERFLOW)

        page.keyboard.press("ControlOrMeta+A")
        page.keyboard.type(f"{{date}}-{width}-{{file}}")
        page.keyboard.press("Tab")
        expect(page.locator("#example")).to_contain_text(
            re.compile(rf"\d{{4}}-\d\d-\d\d-{width}-example\.csv")
        )
        page.get_by_role("button", name="Save").last.click()
        expect(page.get_by_text(f"named {{date}}-{width}-{{file}} to exports").first).to_be_visible()

    assert found + seen.found == []


def looked_at(page: Page, address: str) -> Iterator[str]:
    """What is wrong with one page in each view. Addresses that answer with no page have nothing wrong."""
    if not is_page(page, address):
        return
    page.goto(address)
    page.add_script_tag(path=AXE)
    for width, scheme in VIEWS:
        page.set_viewport_size({"width": width, "height": 900})
        page.evaluate("(scheme) => { document.documentElement.dataset.bsTheme = scheme }", scheme)
        for each in page.evaluate(RUN, WCAG) + page.evaluate(OVERFLOW):
            yield f"{width} {scheme} {each}"
