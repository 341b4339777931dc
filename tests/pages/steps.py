"""The twenty steps as a person takes them, by the words on the page and nothing else."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect

from bucketlift.testing.s3server import S3Server

BUCKET = "hr-drop"
HEADER = "UniqueID,FirstName,LastName,Email,StartDate\n"
FILES = {
    "employees/2026-03-02.csv": HEADER
    + '1,Ada,"Berg, née Ørsted",ada@example.com,2026-01-05\n2,Bo,Çelik,bo@example.com,2026-02-01\n',
    "employees/2026-03-03.csv": HEADER + "3,Chidi,Abara,chidi@example.org,2026-03-02\n",
}
"""What the bucket holds under the prefix."""


@dataclass(kw_only=True)
class Person:
    """Follows labels: finds nothing by what only a programmer sees."""

    page: Page
    s3: S3Server

    def button(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def link(self, name: str) -> None:
        self.page.get_by_role("link", name=name, exact=True).click()

    def enter(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=True).fill(text)

    def waits_for_the_answer(self) -> None:
        """Until no form is on its way."""
        expect(self.page.locator(".htmx-request")).to_have_count(0)

    def sees(self, text: str) -> None:
        expect(self.page.get_by_text(text).first).to_be_visible()

    # What only a test can do: be the owner of the AWS account

    def makes_the_role(self, external_id: str, permissions: str) -> str:
        return self.s3.make_role("bucketlift-hr", external_id, json.loads(permissions)["Statement"])


def sets_up(person: Person, address: str | None) -> None:
    """From the console's link; there is no password before."""
    assert address is not None
    person.page.goto(address)
    person.enter("Name", "ada@example.com")
    person.enter("Password", "a lark sang over the harbour")
    person.button("Create administrator")


def creates_a_workflow(person: Person) -> None:
    """Steps 1 to 5."""
    person.button("Open the navigation menu")
    person.link("Workflows")
    person.page.get_by_role("link", name="Create a workflow").first.click()
    person.sees("recommended for extract tasks")
    person.page.get_by_role("button", name=re.compile("^Scheduled")).click()
    expect(person.page.get_by_role("heading", level=1)).to_have_text("Schedule")
    person.link("Cancel")
    person.page.get_by_role("heading", level=1).get_by_role("link").click()
    person.enter("Name of the workflow", "New employees")
    person.button("Rename")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("New employees")


def sets_when_it_runs(person: Person) -> None:
    """Step 6."""
    person.link("Set a schedule")
    person.page.get_by_label("Repeat", exact=True).select_option(label="Every weekday (Monday to Friday)")
    person.enter("Time", "02:00")
    person.sees("Next five runs")
    person.button("Save")
    person.sees("weekday")


def chooses_the_extract_task(person: Person) -> None:
    """Steps 7 and 8."""
    adds_behind(person, "at the start", "Task")
    expect(person.page.get_by_role("link", name=re.compile("^Extract data from Amazon S3"))).to_have_count(1)
    person.page.get_by_role("link", name=re.compile("^Extract data from Amazon S3")).click()


def adds_behind(person: Person, where: str, kind: str) -> None:
    person.button(f"+ Add {where}")
    person.link(kind)


def connects_an_account(person: Person) -> None:
    """Steps 9 to 11. The owner of the bucket makes the role with what the page shows."""
    page = person.page
    expect(page.get_by_role("link", name="Add new account")).to_be_visible()
    person.link("Add a user account")
    person.enter("Display name", "HR drop")
    page.get_by_text("Permission policy", exact=True).first.click()
    person.enter("Bucket to test", BUCKET)
    person.enter("Prefix", "employees/")
    policy = page.locator("pre", has_text="s3:DeleteObject")
    expect(policy).to_contain_text(f"{BUCKET}/employees/")
    arn = person.makes_the_role(
        page.get_by_label("External ID", exact=True).input_value(), policy.inner_text()
    )
    person.enter("ARN", arn)
    page.get_by_label("Region", exact=True).select_option("us-east-1")
    person.button("Connect account")
    person.sees("HR drop is connected")
    person.button("Use this account")
    expect(page.get_by_role("radio", name=re.compile("HR drop"))).to_be_checked()
    person.button("Next")


def says_which_files(person: Person) -> None:
    """Steps 12 to 16."""
    page = person.page
    person.enter("S3 bucket name", BUCKET)
    page.get_by_label("File name prefix", exact=True).first.fill("employees/")
    person.button("Preview files")
    person.sees("2 files match")
    page.get_by_role("radio", name=re.compile("^CSV")).check()
    expect(page.get_by_role("radio", name="Delete the processed files")).to_be_checked()
    for other in ("Move the processed files", "Rename the processed files", "Keep the files"):
        expect(page.get_by_role("radio", name=other)).to_be_visible()
    expect(page.get_by_label("Use PGP")).not_to_be_checked()


def uploads_a_sample(person: Person, folder: Path) -> None:
    """Step 17."""
    for offered in ("Employee data", "Salesforce account", "Salesforce contact", "Survey responses"):
        expect(person.page.get_by_role("link", name=offered)).to_be_visible()
    sample = folder / "sample.csv"
    sample.write_text(FILES["employees/2026-03-02.csv"])
    with person.page.expect_file_chooser() as chooser:
        person.page.get_by_text("Choose file", exact=True).click()
    chooser.value.set_files(sample)
    person.sees("sample.csv")
    person.button("Next")


def verifies_the_fields(person: Person) -> None:
    """Steps 18 and 19; there and back again by *Edit the setup*."""
    person.sees("Verify fields")
    person.button("Edit the setup")
    person.button("Next")
    for cell in ("UniqueID", "Berg, née Ørsted", "Bo"):
        expect(person.page.get_by_text(cell, exact=True).first).to_be_visible()
    person.button("Save")
    expect(person.page.get_by_role("heading", level=1)).to_contain_text("New employees")


def adds_a_condition(person: Person) -> None:
    """Step 20, the first half."""
    adds_behind(person, "after files", "Condition")
    person.page.get_by_label("Measure").select_option("rows")
    person.page.get_by_label("Comparison").select_option(">=")
    person.enter("Number", "1")
    person.button("Save")


def adds_a_loader(person: Person) -> None:
    """Step 20, the second half."""
    page = person.page
    page.get_by_role("button", name=re.compile(r"^\+ Add .*Then")).click()
    person.link("Task")
    page.get_by_role("link", name=re.compile("^Table")).click()
    person.button("Add a destination")
    page.get_by_role("dialog").get_by_role("link", name=re.compile("^DuckDB")).click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("warehouse")
    person.button("Test and add")
    person.button("Use this destination")
    person.waits_for_the_answer()
    person.enter("Table", "employees")
    page.get_by_label("Table", exact=True).press("Tab")
    person.waits_for_the_answer()
    person.button("Map all by name")
    person.waits_for_the_answer()
    person.button("Save")
    person.sees("Ready. Switch it on")


def switches_on(person: Person) -> None:
    """The first time the page says what will happen, and asks where to start."""
    person.button("Switch on")
    person.sees("2 files")
    person.page.get_by_role("radio", name=re.compile("^All files")).check()
    person.button("Switch on")
    expect(person.page.get_by_role("switch")).to_have_attribute("aria-checked", "true")


def runs_it_and_watches(person: Person) -> None:
    """Nothing is loaded anew by hand while the run goes on."""
    person.button("Run now")
    expect(person.page.get_by_text("The run has succeeded.")).to_be_attached()
    person.sees("employees/2026-03-02.csv")


def reads_the_history(person: Person) -> None:
    person.link("New employees")
    row = person.page.get_by_role("row", name=re.compile("succeeded"))
    expect(row).to_have_count(1)


def adds_contacts(person: Person) -> None:
    """The loader of contacts, with a new directory, two merge rules and a mailing list."""
    page = person.page
    adds_behind(person, "after files", "Task")
    page.get_by_role("link", name=re.compile("^Add contacts and transactions")).click()
    person.button("Add a destination")
    page.get_by_role("dialog").get_by_role("link", name=re.compile("^Directory of people")).click()
    page.get_by_role("dialog").get_by_label("Name", exact=True).fill("people")
    person.button("Test and add")
    person.button("Use this destination")
    person.waits_for_the_answer()
    _enters(person, "Target field of row 1", "ExternalReference")
    person.button("Add a rule")
    person.waits_for_the_answer()
    page.get_by_label("One more field of rule 2", exact=True).select_option("ExternalReference")
    person.waits_for_the_answer()
    person.button("Move rule 2 up")
    person.waits_for_the_answer()
    _enters(person, "Mailing list", "All staff")
    person.button("Save")
    person.sees("merged by ExternalReference, then Email, in the mailing list All staff")


def _enters(person: Person, label: str, text: str) -> None:
    """Type into an input whose change shows the form again."""
    person.enter(label, text)
    person.page.get_by_label(label, exact=True).press("Tab")
    person.waits_for_the_answer()


def looks_at_the_contact(person: Person, name: str) -> list[str]:
    """Find a contact by the menu and the search, and read the fields and values."""
    person.button("Open the navigation menu")
    person.link("Directory")
    person.page.get_by_role("searchbox", name="Search contacts").fill(name)
    person.button("Search")
    person.page.get_by_role("row", name=re.compile(name)).get_by_role("link").click()
    rows = person.page.get_by_role("table", name="Values").get_by_role("row")
    expect(rows.nth(1)).to_be_visible()
    return [" ".join(row.split("\t")[:2]) for row in rows.all_inner_texts()[1:]]
