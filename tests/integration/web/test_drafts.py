"""Workflows that somebody is making or changing on the page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.bootstrap import open_app
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.model.account import Account, AwsRole, Destination, DuckdbDestination
from bucketlift.service.editor import documents, drafts
from bucketlift.settings import Settings
from builders import NOON, a_workflow

ROLE = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")
EXTRACT = {
    "kind": "s3",
    "account": "acme",
    "bucket": "drop",
    "prefix": "in/",
    "columns": ["id", "name"],
    "after_import": "delete",
}
LOAD = {"from": "files", "to": "warehouse", "table": "people"}
TASKS = [{"id": "files", "extract": EXTRACT}, {"id": "people", "load": LOAD}]


@pytest.fixture
def app(tmp_path):
    with open_app(Settings(home=tmp_path / "home")) as app:
        place = DuckdbDestination(path=str(tmp_path / "w.duckdb"))
        app.ledger.catalog.save(
            accounts=(Account(name="acme", project=None, settings=ROLE),),
            destinations=(Destination(name="warehouse", project=None, settings=place),),
            now=NOON,
        )
        yield app


def titled(title):
    return lambda document: document | {"title": title}


def with_tasks(document):
    return document | {"tasks": TASKS}


def test_a_new_workflow_has_a_free_title_and_its_key(app):
    keys = [drafts.create(app, "schedule", by="ada"), drafts.create(app, "event")]

    assert keys == ["new-workflow", "new-workflow-2"]
    assert [drafts.get(app, key).title for key in keys] == ["New workflow", "New workflow 2"]
    assert drafts.scratch(app, keys[1], drafts.TRIGGER) == {"kind": "event"}


def test_the_key_follows_the_title_until_it_is_published(app):
    key = drafts.create(app, "schedule")
    renamed = drafts.change(app, key, titled("Nightly Ürün & more"), by="ada")
    drafts.change(app, renamed.key, with_tasks)
    drafts.publish(app, renamed.key)
    after = drafts.change(app, renamed.key, titled("Weekly"))

    assert (renamed.key, after.key, after.title) == ("nightly-urun-more", "nightly-urun-more", "Weekly")
    with pytest.raises(NotFound):
        drafts.get(app, key)


def test_a_title_that_somebody_has_gives_a_numbered_key(app):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)

    renamed = drafts.change(app, drafts.create(app, "schedule"), titled("Nightly"))

    assert renamed.key == "nightly-2"


def test_a_draft_tells_its_problems_with_their_places(app):
    key = drafts.create(app, "schedule")
    broken = {"id": "files", "extract": EXTRACT | {"account": "acmee"}}
    draft = drafts.change(app, key, lambda document: document | {"tasks": [broken]})

    assert draft.problems == (
        (("tasks", 0, "extract", "account"), "There is no account “acmee”", "Did you mean “acme”?"),
        (
            ("tasks", 0),
            "No load uses the rows of the task “files”",
            "Add a loader task after this task: click + and choose Task.",
        ),
    )
    with pytest.raises(DefinitionWrong):
        drafts.publish(app, key)


def test_a_workflow_published_first_is_off_and_keeps_its_switch_later(app):
    key = drafts.create(app, "schedule")
    drafts.change(app, key, with_tasks)
    first = drafts.publish(app, key), app.ledger.catalog.workflow(key).workflow.enabled
    app.ledger.catalog.enable(key, enabled=True, now=NOON)
    drafts.change(app, key, titled("Other"))
    third = drafts.publish(app, key), app.ledger.catalog.workflow(key).workflow.enabled

    assert (first, third) == ((1, False), (3, True))
    assert drafts.get(app, key).changed is False


def test_changes_rest_until_they_are_used_and_can_be_discarded(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    before = drafts.get(app, "nightly")
    changed = drafts.change(app, "nightly", titled("Other"))
    used = app.ledger.catalog.workflow("nightly").workflow.title
    drafts.discard(app, "nightly", number=changed.number)

    assert (before.changed, changed.changed, changed.based_on, used) == (False, True, 1, "nightly")
    assert replace(drafts.get(app, "nightly"), number=0, changed_at=None) == before


def test_what_is_published_says_the_same_as_a_draft(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    published = app.ledger.catalog.workflow("nightly").workflow

    assert documents.compiled(app, "nightly", drafts.get(app, "nightly").document) == published


def test_a_change_of_what_somebody_else_changed_is_refused_and_nothing_is_lost(app):
    key = drafts.create(app, "schedule")
    seen = drafts.get(app, key).number
    drafts.change(app, key, with_tasks, number=seen, by="ada")

    with pytest.raises(ChangedMeanwhile, match="ada changed the workflow meanwhile"):
        drafts.change(app, key, titled("Mine"), number=seen, by="ben")
    assert drafts.get(app, key).document == {"title": "New workflow", "triggers": [], "tasks": TASKS}


def test_a_discarded_number_is_never_good_again(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    seen = drafts.change(app, "nightly", titled("A")).number
    drafts.discard(app, "nightly")

    with pytest.raises(ChangedMeanwhile):
        drafts.change(app, "nightly", titled("B"), number=seen)


def test_changes_begun_on_an_older_version_are_used_only_on_purpose(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    drafts.change(app, "nightly", titled("Mine"))
    app.ledger.catalog.enable("nightly", enabled=False, now=NOON)
    app.ledger.catalog.save(workflows=(a_workflow(project=None, title="Theirs"),), now=NOON)

    with pytest.raises(ChangedMeanwhile):
        drafts.publish(app, "nightly")
    drafts.publish(app, "nightly", over=True)
    assert app.ledger.catalog.workflow("nightly").workflow.title == "Mine"


def test_switching_alone_does_not_come_between(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    drafts.change(app, "nightly", titled("Mine"))
    app.ledger.catalog.enable("nightly", enabled=False, now=NOON)

    drafts.publish(app, "nightly")

    published = app.ledger.catalog.workflow("nightly").workflow
    assert (published.title, published.enabled) == ("Mine", False)


def test_what_was_seen_before_another_version_is_not_saved_over_it(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    seen = drafts.get(app, "nightly").number
    app.ledger.drafts.outdate("nightly", 2, now=NOON)

    with pytest.raises(ChangedMeanwhile):
        drafts.change(app, "nightly", titled("Mine"), number=seen)
    assert drafts.get(app, "nightly").changed is False


def test_a_workflow_that_a_file_owns_is_not_changed(app):
    app.ledger.catalog.save(workflows=(a_workflow(),), now=NOON)

    with pytest.raises(RequestWrong, match="The workflow file of project hr owns this workflow"):
        drafts.change(app, "nightly", titled("Mine"))


def test_a_draft_names_no_file_of_the_server(app):
    key = drafts.create(app, "schedule")
    stolen = {"id": "files", "extract": EXTRACT | {"sample": "/etc/passwd"}}
    draft = drafts.change(app, key, lambda document: document | {"tasks": [stolen]})

    assert [problem.what for problem in draft.problems] == ["A sample cannot be a file on the server"]


def test_half_filled_forms_are_kept_beside_what_is_changed(app):
    app.ledger.catalog.save(workflows=(a_workflow(project=None),), now=NOON)
    drafts.keep_scratch(app, "nightly", "wizard", {"bucket": "drop"})
    kept = drafts.scratch(app, "nightly", "wizard")
    changed = drafts.get(app, "nightly").changed
    drafts.drop_scratch(app, "nightly", "wizard")

    assert (kept, changed, drafts.scratch(app, "nightly", "wizard")) == ({"bucket": "drop"}, False, None)
    with pytest.raises(NotFound):
        drafts.keep_scratch(app, "nobody", "wizard", {})
