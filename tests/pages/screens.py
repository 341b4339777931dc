"""Pictures of every page for the manual: `python -m pages.screens` writes docs/page anew."""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page

import browser as real
from pages.palette import smaller
from pages.staged import Staged, staged
from pages.watching import watch

FOLDER = Path(__file__).parents[2] / "docs" / "page"
WIDTHS = (1400, 400)
TALLEST = 1800
"""Pixels; what is below is not in the picture."""


def nothing(_: Page) -> None:
    """The page as it comes."""


@dataclass(frozen=True, kw_only=True)
class Screen:
    name: str
    title: str
    words: str
    path: str
    """With the names of examples in braces, as a route has it."""
    then: Callable[[Page], None] = nothing
    """What somebody does before the picture is taken."""
    signed_in: bool = True


def _panel(page: Page) -> None:
    page.get_by_role("link", name="Add a user account").click()
    page.get_by_label("External ID", exact=True).wait_for()


def _destination(page: Page) -> None:
    page.get_by_role("button", name="Add a destination").click()
    page.get_by_role("dialog").get_by_role("link", name="DuckDB").wait_for()


def _look_now(page: Page) -> None:
    page.get_by_role("button", name="Start dry run").click()
    page.get_by_text("surveys/2026-04.csv").first.wait_for()


SCREENS = (
    Screen(
        name="sign-in",
        title="Sign in",
        words="With a name and a password, or with a link from an administrator that works once.",
        path="/sign-in",
        signed_in=False,
    ),
    Screen(
        name="workflows",
        title="Workflows",
        words="Every workflow with its state, triggers, last and next run, and number of files that need attention.",
        path="/workflows",
    ),
    Screen(
        name="create",
        title="Create a workflow",
        words="Scheduled or event-based; either can be changed later.",
        path="/workflows/-new",
    ),
    Screen(
        name="editor",
        title="A workflow",
        words="A chain of tasks, from top to bottom; each + adds a task or a condition there, and changes are a draft until you publish them.",
        path="/workflows/{workflow}",
    ),
    Screen(
        name="schedule",
        title="Schedule",
        words="Simple, or as a cron expression, in any time zone, with the next five times.",
        path="/workflows/{workflow}/triggers/0",
    ),
    Screen(
        name="event",
        title="Event",
        words="An HTTP call of another program, or another workflow that finished.",
        path="/workflows/{workflow}/triggers/new?kind=event",
    ),
    Screen(
        name="tasks",
        title="Choose a task",
        words="All kinds of tasks, with a search.",
        path="/workflows/{workflow}/tasks/new?after=&kind=task",
    ),
    Screen(
        name="account",
        title="Extract: AWS account",
        words="Your own accounts and shared ones.",
        path="/workflows/{workflow}/tasks/files/extract/account",
    ),
    Screen(
        name="add-account",
        title="Add a user account",
        words="The Account ID and the External ID for the role, its policies, and a field for its ARN; Connect account tries every permission.",
        path="/workflows/{workflow}/tasks/files/extract/account",
        then=_panel,
    ),
    Screen(
        name="extract",
        title="Extract: files",
        words="Bucket, prefix and file type, with a preview of what matches; what happens to files after import; the sample file.",
        path="/workflows/{workflow}/tasks/files/extract/setup",
    ),
    Screen(
        name="fields",
        title="Extract: verify fields",
        words="The sample's headers and first rows, a type for each field, and what happens to wrong rows.",
        path="/workflows/{workflow}/tasks/files/extract/fields",
    ),
    Screen(
        name="condition",
        title="Condition",
        words="A test of the files and rows of a run, and the tasks that run if it is met or not.",
        path="/workflows/{workflow}/tasks/enough/condition",
    ),
    Screen(
        name="load",
        title="Load into a table",
        words="Destination, table and mode, and the column for each field.",
        path="/workflows/{workflow}/tasks/people/table",
    ),
    Screen(
        name="add-destination",
        title="Add a destination",
        words="The types that fit the load, and what each needs; a destination is tested before it is saved.",
        path="/workflows/{workflow}/tasks/people/table",
        then=_destination,
    ),
    Screen(
        name="dry-run",
        title="Dry run",
        words="What a run would take, the result of reading each file, and why it would not take other keys; nothing is written.",
        path="/workflows/surveys/dry-run",
        then=_look_now,
    ),
    Screen(
        name="switch-on",
        title="Switch on",
        words="The first time, what will happen to the existing files, and where to start.",
        path="/workflows/{workflow}/on",
    ),
    Screen(
        name="owned",
        title="A workflow of a file",
        words="View it here and change it in its file, or detach it.",
        path="/workflows/surveys",
    ),
    Screen(
        name="runs",
        title="Runs",
        words="Every run with filters, and rows and files per day.",
        path="/runs",
    ),
    Screen(
        name="run",
        title="A run",
        words="Its tasks, files and log, and the progress of each file while it runs.",
        path="/runs/{run}",
    ),
    Screen(
        name="attention",
        title="Needs attention",
        words="Files that wait for a person, over all workflows, with the reason and what to do; accept, retry or ignore several at once.",
        path="/attention",
    ),
    Screen(
        name="file",
        title="A file",
        words="Every occurrence of a key, its state, and its receipts.",
        path="/files/{held}",
    ),
    Screen(
        name="difference",
        title="Differences from the sample",
        words="The file's headers next to those of the sample.",
        path="/files/{renamed}",
    ),
    Screen(
        name="rejects",
        title="Rejects",
        words="Rows that could not be read exactly, with line and reason; download, correct and load them here.",
        path="/files/{held}/rejects",
    ),
    Screen(
        name="delayed",
        title="Delayed actions",
        words="Pending deletes, moves and renames, which can be undone.",
        path="/outbox",
    ),
    Screen(
        name="accounts",
        title="Accounts",
        words="Accounts to read files from, with owner and last check.",
        path="/accounts",
    ),
    Screen(
        name="account-page",
        title="An account",
        words="The role, the minimum policies for a bucket and action, and a check that makes the real calls.",
        path="/accounts/demo",
    ),
    Screen(
        name="destinations",
        title="Destinations",
        words="Databases, files and APIs to load into, with the workflows that use each.",
        path="/destinations",
    ),
    Screen(
        name="keys",
        title="Keys",
        words="PGP keys, created or imported; private keys are never shown.",
        path="/keys",
    ),
    Screen(
        name="people",
        title="People",
        words="People who can sign in, and their roles.",
        path="/people",
    ),
    Screen(
        name="person",
        title="A person",
        words="Role, links, and sign-out everywhere.",
        path="/people/{person}",
    ),
    Screen(
        name="extensions",
        title="Extensions",
        words="Administrators add accounts here for everyone or for chosen people.",
        path="/extensions/amazon-s3",
    ),
    Screen(name="me", title="You", words="Your password, and the browsers that are signed in.", path="/me"),
)


def main() -> int:
    wanted = sys.argv[1:]
    if real.ABSENT:
        sys.stderr.write(f"{real.WHY}\n")
        return 1
    if not wanted:
        shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        # A name that pictures may show.
        home = Path(tempfile.gettempdir()) / "bucketlift-demo"
        shutil.rmtree(home, ignore_errors=True)
        stack.callback(shutil.rmtree, home)
        chrome = stack.enter_context(real.chromium())
        stage = stack.enter_context(staged(home))
        for file, picture in pictures(
            chrome, stage, [each for each in SCREENS if not wanted or each.name in wanted]
        ):
            file.write_bytes(picture)
            sys.stdout.write(f"{file.name} {len(picture) // 1000} kB\n")
    (FOLDER / "README.md").write_text(manual(), encoding="utf-8")
    return 0


def pictures(chrome: Browser, stage: Staged, screens: list[Screen]) -> Iterator[tuple[Path, bytes]]:
    examples = {name: found[0] for name, found in stage.examples().items()} | _held(stage)
    for width in WIDTHS:
        with real.window(chrome, stage.address, width=width) as window:
            seen = watch(window)
            blank, inside = window.new_page(), False
            for screen in sorted(screens, key=lambda each: each.signed_in):
                if screen.signed_in and not inside:
                    stage.sign_in(window)
                    inside = True
                page = window.new_page()
                page.goto(screen.path.format(**examples), wait_until="networkidle")
                screen.then(page)
                if seen.found:
                    raise RuntimeError(f"{screen.name}: {seen.found}")
                yield FOLDER / f"{screen.name}-{width}.png", smaller(blank, _picture(page, width))
                page.close()


def _held(stage: Staged) -> dict[str, str]:
    """The demo's two held files, each with what there is to see of it."""
    held = {claim.reason: claim.id for claim in stage.app.ledger.claims.find(limit=100) if claim.reason}
    return {"held": held["too-many-rejects"], "renamed": held["renamed-column"]}


def _picture(page: Page, width: int) -> bytes:
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(max(height, 600), TALLEST)})
    return page.screenshot(animations="disabled")


def manual() -> str:
    lines = [
        "# The page in pictures",
        "",
        "Each page at widths of 1400 and 400 pixels, with the data of `make demo`.",
        "",
    ]
    for each in SCREENS:
        lines += [f"## {each.title}", "", each.words, ""]
        lines += [f'<img src="{each.name}-1400.png" width="640" alt="{each.title}"> ']
        lines[-1] += f'<img src="{each.name}-400.png" width="190" alt="{each.title}, narrow">'
        lines += [""]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
