"""A workflow file is imported on the page, after its plan was shown."""

from __future__ import annotations

import re

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.account import Account, VaultSecret
from bucketlift.service.accounts import sharing
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import events
from builders import NOON

from .conftest import EXTRACT, ROLE

IMPORT = "/workflows/-import"


@pytest.fixture(autouse=True)
def _shared(app):
    sharing.share(app, "acme", "everyone", chosen=frozenset())


def hidden(plan) -> dict[str, str]:
    """The hidden inputs of the form that confirms the plan."""
    form = plan.text.partition('aria-labelledby="h-plan"')[2].partition("</form>")[0]
    return dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form))


def imported(browser, text):
    """Show the plan, and confirm it."""
    return browser.post(IMPORT, data={"text": text} | hidden(browser.post(IMPORT, data={"text": text})))


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_an_exported_workflow_comes_back_as_the_same_draft(app, published, as_editor):
    key = published()
    before = drafts.get(app, key).document
    text = as_editor.get(f"/workflows/{key}/export").text
    as_editor.post(f"/workflows/{key}/delete")

    plan = as_editor.post(IMPORT, data={"text": text})
    answer = as_editor.post(IMPORT, data={"text": text} | hidden(plan))
    as_editor.post(IMPORT, data={"text": text} | hidden(plan))

    assert [each.key for each in app.ledger.drafts.all()] == ["nightly-2"]
    assert "creates a workflow that is switched off. 2 tasks: files, people" in words(plan)
    assert answer.headers["location"] == "/workflows/nightly-2"
    imported = drafts.get(app, "nightly-2")
    assert (imported.document, imported.enabled, imported.changed_by) == (
        before,
        False,
        "editor",
    )


def test_a_workflow_with_a_known_key_becomes_its_unpublished_changes(app, published, as_editor):
    key = published()
    text = as_editor.get(f"/workflows/{key}/export").text

    plan = as_editor.post(IMPORT, data={"text": text.replace("Nightly", "Every night")})
    as_editor.post(IMPORT, data={"text": text.replace("Nightly", "Every night")} | hidden(plan))

    assert "changes the workflow that exists, as unpublished changes" in words(plan)
    draft = drafts.get(app, key)
    assert (draft.title, draft.changed) == ("Every night", True)
    assert app.ledger.catalog.workflow(key).workflow.title == "Nightly"


def test_nothing_is_imported_while_a_workflow_has_problems(app, published, as_editor):
    key = published()
    text = as_editor.get(f"/workflows/{key}/export").text
    text = text.replace("nightly:", "weekly:").replace(str(EXTRACT["account"]), "nobodys")

    plan = as_editor.post(IMPORT, data={"text": text, "sure": "yes"})

    assert "Nothing is imported until these issues are fixed" in words(plan)
    assert "nobodys" in words(plan)
    assert "weekly" not in [each.key for each in app.ledger.drafts.all()]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "No file is selected"),
        ("a: [", "line 1"),
        ("version: 1\nproject: p\n", "The file contains no workflow"),
        ("version: 1\nproject: p\nworkflows: {w: {titel: x, tasks: []}}\n", "title"),
        ("x" * 300_000, "more than 250 kB"),
    ],
)
def test_what_is_no_workflow_file_is_refused_and_kept_in_the_form(as_editor, text, problem):
    answer = as_editor.post(IMPORT, data={"text": text, "sure": "yes"})

    assert answer.status_code == 422
    assert problem in words(answer)
    assert text in answer.text


def test_a_sample_on_the_server_is_never_read(app, published, as_editor):
    key = published()
    text = as_editor.get(f"/workflows/{key}/export").text
    text = re.sub(r"( +)bucket:", r"\1sample: /etc/passwd\n\1bucket:", text, count=1)

    plan = as_editor.post(IMPORT, data={"text": text, "sure": "yes"})

    assert "root" not in plan.text
    assert "sample" in words(plan)
    assert not drafts.get(app, key).changed


def test_a_change_of_another_person_after_the_plan_was_shown_is_kept(app, published, as_editor):
    key = published()
    text = as_editor.get(f"/workflows/{key}/export").text.replace("Nightly", "Every night")
    plan = as_editor.post(IMPORT, data={"text": text})
    drafts.change(app, key, lambda document: document | {"title": "Daily"}, by="ben")

    answer = as_editor.post(IMPORT, data={"text": text} | hidden(plan))

    assert (answer.status_code, "ben changed the workflow meanwhile" in words(answer)) == (422, True)
    assert drafts.get(app, key).title == "Daily"
    assert "these replace the unpublished changes by ben" in words(
        as_editor.post(IMPORT, data={"text": text})
    )


def test_a_file_brings_no_account_that_the_person_cannot_use(app, as_editor):
    private = Account(name="private", project=None, settings=ROLE)
    app.ledger.catalog.save(accounts=(private,), now=NOON)

    answer = imported(as_editor, FILE.replace("acme", "private"))

    assert "There is no such account that you can use: private" in words(answer)
    assert app.ledger.drafts.all() == ()


@pytest.mark.parametrize(
    ("added", "named"),
    [
        ("        pgp: {symmetric: {secret: warehouse-url}}", "secret: warehouse-url"),
        ("        pgp: {symmetric: {env: HOME}}", "env: HOME"),
        ("        pgp: {symmetric: {file: /etc/passwd}}", "file: /etc/passwd"),
    ],
)
def test_a_file_names_no_secret_of_the_installation(app, as_editor, added, named):
    answer = imported(as_editor, FILE.replace("        after_import", f"{added}\n        after_import"))

    assert f"The file names a secret ({named})" in words(answer)
    assert app.ledger.drafts.all() == ()


def test_events_and_recipients_with_secrets_are_left_out_of_a_new_workflow(app, as_editor):
    more = """
    triggers: [{event: {token: {secret: warehouse-url}}}]
    notify: [{when: [failed], webhook: {secret: warehouse-url}}, {when: [failed], email: [ada@example.com]}]
"""

    answer = imported(as_editor, FILE + more)

    assert answer.headers["location"] == "/workflows/hourly"
    document = drafts.get(app, "hourly").document
    assert (document["triggers"], "warehouse-url" in str(document)) == ([], False)
    assert "ada@example.com" in str(document["notify"])


def test_a_secret_that_the_page_did_not_make_is_not_replaced(app, make, as_editor):
    app.vault.put("mine", "value", now=NOON)
    key = make(triggers=[{"event": {"token": {"secret": "mine"}}}])

    with pytest.raises(RequestWrong, match="The operator manages this secret"):
        events.renew(app, key, 0)

    assert app.vault.reveal(VaultSecret(secret="mine")) == "value"


FILE = """
version: 1
project: p
workflows:
  hourly:
    title: Hourly
    tasks:
    - id: files
      extract:
        kind: s3
        account: acme
        bucket: drop
        prefix: hourly/
        columns: [id, name]
        after_import: delete
    - id: people
      load: {from: files, to: warehouse, table: people}
"""
