"""A workflow file is imported on the page, after its plan was shown."""

from __future__ import annotations

import re

import pytest

from bucketlift.service.editor import drafts

from .conftest import EXTRACT

IMPORT = "/workflows/-import"


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_an_exported_workflow_comes_back_as_the_same_draft(app, published, as_editor):
    key = published()
    before = drafts.get(app, key).document
    text = as_editor.get(f"/workflows/{key}/export").text
    as_editor.post(f"/workflows/{key}/delete")

    plan = as_editor.post(IMPORT, data={"text": text})
    answer = as_editor.post(IMPORT, data={"text": text, "sure": "yes"})

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
    as_editor.post(IMPORT, data={"text": text.replace("Nightly", "Every night"), "sure": "yes"})

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
    assert "weekly" not in app.ledger.drafts.all()


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
