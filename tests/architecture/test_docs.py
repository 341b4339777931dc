"""The documents say what the code does: pages made anew are the same, and commands and links that are named exist."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from bucketlift.cli.tree import tree
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.settings import Settings

ROOT = Path(__file__).parent.parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ANYWHERE = {"--json", "--log-format", "--version", "--help"}


def commands(text: str) -> Iterator[list[str]]:
    """The words of every bucketlift command that a page shows, in a block or inline."""
    shown = [
        *re.findall(r"^ *(bucketlift .*)$", text, re.MULTILINE),
        *re.findall(r"`(bucketlift [^`]+)`", text),
    ]
    for line in shown:
        yield shlex.split(line, comments=True)[1:]


def unknown(words: list[str]) -> str | None:
    """The first word of a command that the command line does not know."""
    here = typer.main.get_command(tree())
    rest = list(words)
    while rest and hasattr(here, "commands"):
        name = rest.pop(0)
        if name in ANYWHERE or name.isupper() or name == "...":
            return None
        if name not in here.commands:
            return name
        here = here.commands[name]
    options = ANYWHERE | {name for each in here.params for name in each.opts}
    wrong = [word for word in rest if word.startswith("--") and word.partition("=")[0] not in options]
    return wrong[0] if wrong else None


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made on code hosting sites."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.slow
def test_pages_made_from_the_code_are_up_to_date():
    checked = subprocess.run(
        [sys.executable, "-m", "tools.docs", "--check"], cwd=ROOT, capture_output=True, text=True, check=False
    )

    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_shown_exists(page):
    assert [(words, unknown(words)) for words in commands(page.read_text()) if unknown(words)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_within_the_documents_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text())

    broken = []
    for link in links:
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        inside = not link.startswith("http")
        if inside and not (target.exists() and (not anchor or anchor in anchors(target))):
            broken.append(link)
    assert broken == []


def test_the_readme_shows_the_demo_first():
    first_screen = "\n".join((ROOT / "README.md").read_text().splitlines()[:25])

    assert "make demo" in first_screen


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("reference/reasons.md", [reason.value for reason in HeldReason]),
        ("states.md", [state.value for state in FileState]),
        ("reference/settings.md", [f"BUCKETLIFT_{name.upper()}" for name in Settings.model_fields]),
    ],
)
def test_every_word_that_people_may_meet_is_explained(page, words):
    text = (ROOT / "docs" / page).read_text()

    assert [word for word in words if word not in text] == []
