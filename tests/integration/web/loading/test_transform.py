"""The page of a transform, from what a browser sends to what the draft says."""

from __future__ import annotations

import re

import pytest

from bucketlift.service.editor import drafts

NEW = "/workflows/{key}/tasks/new/transform?after=files"
EXTRACT = {
    "id": "files",
    "extract": {
        "kind": "s3",
        "account": "acme",
        "bucket": "drop",
        "columns": ["UniqueID", "Email", "City"],
        "after_import": "delete",
    },
}
SAMPLE = b"UniqueID,Email,City\n1, Ann@x.com,DEN\n2,,NYC\n"
FIELD = {
    "name-0": "Email",
    "origin-0": "from",
    "from-0": "Email",
    "required-0": "on",
    "step-0.0": "trim",
    "step-0.1": "case",
    "set-0.1.case": "lower",
}
MAP = {
    "name-1": "Site",
    "origin-1": "from",
    "from-1": "City",
    "step-1.0": "values",
    "set-1.0.pairs": 'DEN,"Denver, CO"\r\nNYC,\\N\r\n',
    "set-1.0.unmapped": "default",
    "set-1.0.default": "?",
}
DOCUMENT = {
    "from": "files",
    "fields": {
        "Email": {"from": "Email", "required": True, "steps": ["trim", {"case": "lower"}]},
        "Site": {
            "from": "City",
            "steps": [{"values": {"DEN": "Denver, CO", "NYC": None}, "unmapped": {"default": "?"}}],
        },
    },
}


@pytest.fixture
def workflow(page):
    key = drafts.create(page.app, "schedule")
    drafts.change(page.app, key, lambda document: document | {"tasks": [EXTRACT]})
    return key


def filled(page, workflow, *parts, **more):
    sent = {"number": str(drafts.get(page.app, workflow).number), "source": "files"}
    for part in parts:
        sent |= part
    return sent | more


def test_what_is_saved_is_what_a_workflow_file_would_say(page, as_editor, workflow):
    answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, MAP))

    assert (answer.status_code, answer.headers["location"]) == (303, f"/workflows/{workflow}")
    assert drafts.get(page.app, workflow).document["tasks"] == [
        EXTRACT,
        {"id": "transform", "transform": DOCUMENT},
    ]


def test_what_was_saved_is_shown_again_as_it_was(page, as_editor, workflow):
    as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, MAP))
    place = f"/workflows/{workflow}/tasks/transform/transform"

    shown = as_editor.get(place)
    as_editor.post(place, data=filled(page, workflow, _inputs(shown.text)))

    assert drafts.get(page.app, workflow).document["tasks"][1]["transform"] == DOCUMENT


def _inputs(html):
    """What a browser would send of the form."""
    from html import unescape  # noqa: PLC0415

    found = dict(re.findall(r'<input(?=[^>]*type="hidden")[^>]* name="([^"]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<input class="form-control"[^>]* name="([^"]+)" value="([^"]*)"', html))
    found |= dict(re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>([^<]*)</textarea>', html))
    found |= dict(re.findall(r'type="checkbox" name="([^"]+)" value="([^"]+)" checked', html))
    for name, options in re.findall(r'<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>', html, re.DOTALL):
        chosen = re.search(r'<option(?: value="([^"]*)")? selected>([^<]*)<', options)
        found[name] = (chosen[1] or chosen[2]) if chosen else ""
    return {name: unescape(value) for name, value in found.items() if name != "csrf"}


def test_a_preview_shows_the_rows_of_a_sample_and_those_that_would_be_rejects(page, as_editor, workflow):
    asked = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, do="look"))

    shown = as_editor.post(
        NEW.format(key=workflow),
        data=filled(page, workflow, FIELD, MAP, do="sample"),
        files={"sample": ("a.csv", SAMPLE)},
    )

    assert "Sample file of files" in asked.text
    rows = re.findall(r"<tr>(.*?)</tr>", shown.text, re.DOTALL)[1:]
    cells = [
        [re.sub(r"<[^>]*>|\s+", " ", cell).split() for cell in re.findall("<td.*?</td>", row)] for row in rows
    ]
    assert cells == [
        [["1"], ["ann@x.com"], ["DEN"], ["Denver,", "CO"], ["row"]],
        [["2"], [], ["NYC"], ["null"], ["reject", "required:", "Email", "(transform)"]],
    ]


@pytest.mark.parametrize("doing", ["", "cancel"])
def test_the_rows_of_a_sample_are_gone_once_the_transform_is_saved_or_cancelled(
    page, as_editor, workflow, doing
):
    as_editor.post(
        NEW.format(key=workflow),
        data=filled(page, workflow, FIELD, do="sample"),
        files={"sample": ("a.csv", SAMPLE)},
    )
    kept = drafts.scratch(page.app, workflow, "sample of a transform")

    left = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, do=doing))

    assert kept is not None
    assert (left.status_code, drafts.scratch(page.app, workflow, "sample of a transform")) == (303, None)


def test_a_map_is_taken_from_a_file(page, as_editor, workflow):
    shown = as_editor.post(
        NEW.format(key=workflow),
        data=filled(page, workflow, FIELD, MAP, do="map-1.0"),
        files={"file-1.0": ("sites.tsv", b"code\tcity\nSFO\tSan Francisco\n")},
    )
    twice = as_editor.post(
        NEW.format(key=workflow),
        data=filled(page, workflow, FIELD, MAP, do="map-1.0"),
        files={"file-1.0": ("sites.csv", b"code,city\nSFO,a\nSFO,b\n")},
    )

    assert ">SFO,San Francisco\n</textarea>" in shown.text
    text = "The value map has a value more than once (lines 2, 3)"
    assert (twice.status_code, text in twice.text) == (422, True)


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ({"from-0": "Mail"}, "There is no field “Mail”"),
        ({"name-0": "email"}, "are the same name"),
        ({"name-1": "Email"}, "Two fields are named “Email”"),
        ({"set-1.0.pairs": "DEN,a\nDEN,b"}, "The map of “Site” has the value “DEN” more than once"),
        ({"set-1.0.pairs": "DEN"}, "must have two values in each line"),
        ({"step-0.1": "split", "set-0.1.by": ",", "set-0.1.part": "x"}, "must be a whole number"),
    ],
)
def test_what_is_wrong_is_shown_and_not_saved(page, as_editor, workflow, wrong, text):
    answer = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, MAP, **wrong))

    assert (answer.status_code, text in answer.text) == (422, True)
    assert drafts.get(page.app, workflow).document["tasks"] == [EXTRACT]


def test_steps_and_fields_are_added_moved_and_removed(page, as_editor, workflow):
    def after(doing):
        shown = as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, MAP, do=doing))
        return re.findall(r'name="(?:name-\d+|step-[\d.]+)" value="([^"]*)"', shown.text)

    assert after("step:0:split") == ["Email", "trim", "case", "split", "Site", "values"]
    assert after("up:0.1") == ["Email", "case", "trim", "Site", "values"]
    assert after("unstep:0.0") == ["Email", "case", "Site", "values"]
    assert after("remove:0") == ["Site", "values"]
    assert after("add") == ["Email", "trim", "case", "Site", "values", "UniqueID"]
    assert after("up:9.9") == after("nonsense") == ["Email", "trim", "case", "Site", "values"]


def test_a_load_behind_it_has_its_fields_and_the_editor_shows_it(page, as_editor, workflow):
    as_editor.post(NEW.format(key=workflow), data=filled(page, workflow, FIELD, MAP))

    editor = as_editor.get(f"/workflows/{workflow}")
    load = as_editor.get(f"/workflows/{workflow}/tasks/new/table?after=transform")

    assert "Rows of files, with Email, Site changed" in editor.text
    assert re.findall(r'name="column-\d+" value="([^"]+)"', load.text) == [
        "UniqueID",
        "Email",
        "City",
        "Site",
    ]


def test_a_draft_cannot_name_a_file_of_the_server_as_a_map(page, workflow):
    wrong = {"from": "files", "fields": {"A": {"from": "City", "values": {"file": "/etc/passwd"}}}}

    draft = drafts.change(
        page.app,
        workflow,
        lambda document: document | {"tasks": [EXTRACT, {"id": "t", "transform": wrong}]},
    )

    assert [each.what for each in draft.problems] == ["A value map cannot be a file on the server"]
