"""Names, keys, headers and cells that somebody means ill with: on every page they are text, and nothing runs."""

import csv
import io

import pytest

from browser import window
from bucketlift.service.editor import drafts
from bucketlift.service.runs import runs
from hostile import ADDRESSES, QUOTES, TAGS, TEMPLATES
from pages.addresses import addresses, routes
from pages.watching import FLAG, is_page, watch

pytestmark = pytest.mark.slow

TITLE = f"<img src=x onerror={FLAG}('title')><script>{FLAG}('title')</script>"
BAD = tuple(each for each in (*TAGS, *QUOTES, *ADDRESSES, *TEMPLATES) if each.isprintable())


@pytest.fixture(scope="module")
def beset(stage):
    """A workflow of a hostile name whose files are held, each for what its header and cells hold."""
    for number, text in enumerate(BAD):
        stage.s3.put("demo-drop", f"staff/{number:03d}{text}.csv", sheet(text))
    flow = drafts.change(
        stage.app, "new-staff", lambda document: {**document, "title": TITLE}, by="<b>somebody</b>"
    ).key
    drafts.publish(stage.app, flow, enabled=True)
    runs.start(stage.app, flow)
    return flow


def sheet(text: str) -> bytes:
    """With a column more and a row less than there should be."""
    written = io.StringIO()
    csv.writer(written).writerows(
        [
            ["UniqueID", "FirstName", "LastName", "StartDate", text],
            [text, text, text, "2026-01-01", text],
            [text],
        ]
    )
    return written.getvalue().encode()


def test_nothing_hostile_runs_on_any_page(chrome, stage, beset):
    files = stage.app.ledger.claims.find(workflow=beset, limit=200)
    examples = stage.examples() | {
        "workflow": [beset],
        "run": [run.id for run in stage.app.ledger.runs.find(workflow=beset, limit=1)],
        "file": [claim.id for claim in files[::40]],
    }
    with window(chrome, stage.address) as browser:
        stage.sign_in(browser)
        page, seen = browser.new_page(), watch(browser)
        seen.on(page)
        for _, address in addresses(routes(stage.app), examples):
            if is_page(page, address):
                page.goto(address)

    assert len(files) >= len(BAD)
    assert seen.found == []
