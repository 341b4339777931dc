"""Switching on and off, and looking without touching, against a real bucket."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.model.account import Destination, DuckdbDestination
from bucketlift.model.user import Role
from bucketlift.model.workflow import StartAll, StartNow
from bucketlift.service.editor import drafts
from bucketlift.service.workflows import dry_run, switching
from builders import NOON

from .conftest import EXTRACT, PEOPLE


@pytest.fixture
def app(scene, tmp_path):
    place = DuckdbDestination(path=str(tmp_path / "warehouse.duckdb"))
    scene.page.app.ledger.catalog.save(
        destinations=(Destination(name="warehouse", project=None, settings=place),), now=NOON
    )
    return scene.page.app


@pytest.fixture
def key(app, make, scene):
    """Never on; its bucket holds two good files, a bad one, and one of another kind."""
    account = scene.connected()
    for name, body in (
        ("a.csv", b"id,name\n1,x\n"),
        ("b.csv", b"id,name\n2,y\n3,z\n"),
        ("c.csv", b"id\n1\n"),
    ):
        scene.server.put("drop", f"in/{name}", body)
    scene.server.put("drop", "in/readme.txt", b"hello")
    extract = {"id": "files", "extract": EXTRACT | {"account": account, "pattern": "*.csv"}}
    return make(tasks=[extract, PEOPLE])


@pytest.fixture
def operator(scene):
    return scene.page.browser(Role.OPERATOR)


def test_the_first_time_what_would_happen_is_told_before(app, key, operator, text):
    asked = operator.post(f"/workflows/{key}/on")
    told = text(operator.get(asked.headers["location"]))

    assert asked.headers["location"] == f"/workflows/{key}/on"
    assert "3 files, 33 bytes in drop under in/ will be loaded and then deleted" in told
    assert drafts.get(app, key).enabled is False


def test_the_first_switch_on_and_a_dry_run_list_the_folders_that_a_prefix_reaches(
    app, make, scene, operator, text
):
    account = scene.connected()
    for key in ("in/emp/a.csv", "in/emp-old/b.csv", "in/emp-old/c.csv"):
        scene.server.put("drop", key, b"id,name\n1,x\n")
    partial = EXTRACT | {"account": account, "prefix": "in/emp"}
    key = make(tasks=[{"id": "files", "extract": partial}, PEOPLE])

    asked = text(operator.get(f"/workflows/{key}/on"))
    looked = text(operator.post(f"/workflows/{key}/dry-run"))

    assert (
        "in/emp does not end with / and matches more than one folder: in/emp-old/ 2 files in/emp/ 1 file"
        in asked
    )
    assert (
        "does not end with / and matches more than one folder: in/emp-old/ 2 files in/emp/ 1 file" in looked
    )


@pytest.mark.parametrize(("word", "start"), [("all", StartAll()), ("now", StartNow())])
def test_it_starts_where_somebody_chose(app, key, operator, word, start):
    answer = operator.post(f"/workflows/{key}/begin", data={"start": word})

    flow = app.ledger.catalog.workflow(key).workflow
    assert answer.headers["location"] == f"/workflows/{key}"
    assert (flow.enabled, flow.extracts[0].start) == (True, start)
    assert drafts.get(app, key).changed is False


def test_a_place_to_start_must_be_chosen(app, key, operator):
    assert operator.post(f"/workflows/{key}/begin").status_code == 422
    assert drafts.get(app, key).enabled is False


def test_an_account_that_fails_is_shown_with_what_to_do(app, key, operator, text):
    task = drafts.get(app, key).document["tasks"][0]
    gone = task | {"extract": task["extract"] | {"bucket": "gone"}}
    drafts.change(app, key, lambda document: document | {"tasks": [gone, PEOPLE]})

    answer = operator.get(f"/workflows/{key}/on")

    assert answer.status_code == 200
    assert "gone" in text(answer)
    assert "View account" in text(answer)


def test_more_objects_than_are_counted_are_told_as_more(app, key, monkeypatch):
    monkeypatch.setattr(switching, "MANY", 1)

    (upcoming_files,) = switching.upcoming_files(app, switching.would_run(app, key))

    assert (upcoming_files.objects, upcoming_files.whole) == (1, False)


def test_a_draft_with_problems_is_not_switched_on(app, key, operator):
    drafts.change(app, key, lambda document: document | {"tasks": document["tasks"][:1]})

    answer = operator.post(f"/workflows/{key}/on")

    assert answer.status_code == 422
    assert drafts.get(app, key).based_on is None


def test_switching_off_and_on_again_asks_nothing_after_a_first_listing(app, key, operator):
    switching.switch_on(app, key, "all")
    with app.engine(lambda *_: None) as engine:
        engine.end(app.ledger.runs.ask(key, 1, trigger="demand", now=app.now()).id)

    off = operator.post(f"/workflows/{key}/off")
    was = app.ledger.catalog.workflow(key).workflow.enabled
    on = operator.post(f"/workflows/{key}/on")

    assert (off.headers["location"], on.headers["location"]) == (f"/workflows/{key}", f"/workflows/{key}")
    assert (was, app.ledger.catalog.workflow(key).workflow.enabled) == (False, True)


def test_running_what_was_never_on_tells_before_what_would_happen(app, key, operator, text):
    told = text(operator.post(f"/workflows/{key}/run"))

    assert "3 files, 33 bytes in drop under in/ will be loaded and then deleted" in told
    assert app.ledger.runs.find(workflow=key) == ()
    assert drafts.get(app, key).based_on is None


def test_changes_that_reach_further_are_asked_about_with_what_lies_there(app, key, scene, text):
    editor = scene.page.browser(Role.EDITOR)
    switching.switch_on(app, key, "all")
    with app.engine(lambda *_: None) as engine:
        engine.end(app.ledger.runs.ask(key, 1, trigger="demand", now=app.now()).id)
    scene.server.put("drop", "in/more.txt", b"id,name\n9,z\n")

    def widen(document):
        document["tasks"][0]["extract"].pop("pattern")
        return document

    drafts.change(app, key, widen)
    told = text(editor.post(f"/workflows/{key}/use"))
    in_use = app.ledger.catalog.workflow(key).version
    editor.post(f"/workflows/{key}/use", data={"sure": "yes"})

    assert "will be loaded and then deleted" in told
    assert (in_use, app.ledger.catalog.workflow(key).version) == (1, 2)


def test_changes_that_rest_still_rest_when_it_is_switched_on(app, key):
    drafts.publish(app, key)
    drafts.change(app, key, lambda document: document | {"title": "Other"})

    switching.switch_on(app, key, "now")

    flow, draft = app.ledger.catalog.workflow(key).workflow, drafts.get(app, key)
    assert (flow.title, flow.enabled, flow.extracts[0].start) == ("Nightly", True, StartNow())
    assert (draft.title, draft.changed) == ("Other", True)
    drafts.publish(app, key)
    assert app.ledger.catalog.workflow(key).workflow.title == "Other"


def test_switching_on_lets_no_older_change_pass_for_one_of_the_newest_version(app, key):
    drafts.publish(app, key)
    drafts.change(app, key, lambda document: document | {"title": "Other"})
    theirs = replace(app.ledger.catalog.workflow(key).workflow, title="Theirs")
    app.ledger.catalog.save(workflows=(theirs,), now=app.now())

    switching.switch_on(app, key, "now")

    with pytest.raises(ChangedMeanwhile):
        drafts.publish(app, key)
    assert app.ledger.catalog.workflow(key).workflow.title == "Theirs"


def test_a_dry_run_tells_of_every_key_and_changes_nothing(app, key, scene, operator, text):
    before = scene.server.objects("drop")

    told = text(operator.post(f"/workflows/{key}/dry-run"))

    assert "Would be loaded 2 files Would be held 1 file" in told
    assert "in/a.csv take new 1" in told
    assert "in/c.csv held" in told
    assert "in/readme.txt pattern the base name does not match the pattern" in told
    assert scene.server.objects("drop") == before
    assert (app.ledger.runs.find(workflow=key), drafts.get(app, key).based_on) == ((), None)


def test_a_dry_run_goes_by_the_changes_that_are_not_in_use(app, key):
    drafts.publish(app, key)
    task = drafts.get(app, key).document["tasks"][0]
    other = task | {"extract": task["extract"] | {"pattern": "*.txt"}}
    drafts.change(app, key, lambda document: document | {"tasks": [other, PEOPLE]})

    decided = {each["key"]: each["decision"] for each in dry_run.preview(app, key)["files"]}

    assert decided["in/a.csv"] == "pattern"
    assert decided["in/readme.txt"] == "take"


def test_a_dry_run_that_may_not_list_says_what_is_missing(app, make, scene, operator, text):
    account = scene.connected(granted=[{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}])
    key = make(tasks=[{"id": "files", "extract": EXTRACT | {"account": account}}, PEOPLE])

    answer = operator.post(f"/workflows/{key}/dry-run")

    assert answer.status_code == 200
    assert "s3:ListBucket" in text(answer)
    assert "Nothing was changed." in text(answer)
