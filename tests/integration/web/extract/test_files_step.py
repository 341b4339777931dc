"""The step that says which files: the look into the bucket, what becomes of them, and the sample."""

from __future__ import annotations

import re
from html import unescape

import pytest

from bucketlift.model.account import Destination, DuckdbDestination
from bucketlift.model.user import Role
from bucketlift.service.destinations import destinations
from bucketlift.service.editor import drafts
from bucketlift.service.editor.samples import LARGEST

SETUP = {"bucket": "drop", "prefix": "in/", "file_type": "csv", "after_import": "delete"}
pytestmark = pytest.mark.slow
HTMX = {"HX-Request": "true"}


def words(answer) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def rows(answer) -> list[tuple[str, str]]:
    """Key and whether it is taken."""
    found = re.findall(
        r"<tr><td[^>]*>(.*?)</td>.*?<td[^>]*>([^<]*(?:<svg.*?</svg>)?[^<]*)</td></tr>", answer.text, re.DOTALL
    )
    return [
        (key, unescape(re.sub(r"<svg.*?</svg>", "", taken, flags=re.DOTALL)).strip()) for key, taken in found
    ]


@pytest.fixture
def step(scene):
    """Posts to a part of the step, by an editor with an account."""
    account, workflow = scene.connected(), scene.workflow()
    browser = scene.page.browser(Role.EDITOR)
    address = f"/workflows/{workflow}/tasks/new/extract"
    browser.post(f"{address}/account?after=", data={"account": account})

    def post(part: str, *, files=None, **said: str):
        return browser.post(f"{address}/{part}?after=", data=SETUP | said, files=files, headers=HTMX)

    return post


def test_a_look_shows_what_matches_and_of_the_others_why_not(scene, step):
    for key in ("in/", "in/a.csv", "in/b.txt", "in/.bucketlift/x", "out/c.csv"):
        scene.server.put("drop", key, b"" if key == "in/" else b"id\n1\n")

    shown = step("setup/look", pattern="*.csv")

    assert rows(shown) == [
        ("in/a.csv", "yes"),
        ("in/", "no: a folder marker: no bytes, and the key ends in /"),
        ("in/.bucketlift/x", "no: one of Bucketlift's own keys"),
        ("in/b.txt", "no: the base name does not match the pattern"),
    ]


def test_a_look_lists_the_folders_that_a_prefix_without_a_slash_reaches(scene, step):
    for key in ("in/emp/a.csv", "in/emp-old/b.csv"):
        scene.server.put("drop", key, b"id\n1\n")

    partial, whole = step("setup/look", prefix="in/emp"), step("setup/look", prefix="in/emp/")

    assert (
        "in/emp does not end with / and matches more than one folder: in/emp-old/ 1 file in/emp/ 1 file"
        in words(partial)
    )
    assert "more than one folder" not in words(whole)


def test_a_look_into_a_bucket_that_is_not_there_says_so(step):
    shown = step("setup/look", bucket="elsewhere")

    assert "The bucket does not exist" in words(shown) or "refused" in words(shown)


def test_a_look_reads_and_changes_nothing(scene, step):
    scene.server.put("drop", "in/a.csv", b"id\n1\n")
    scene.server.log.clear()

    step("setup/look")

    assert scene.server.log.operations() == ["AssumeRole", "ListObjectsV2"]


def test_the_example_is_a_file_that_was_seen(scene, step):
    scene.server.put("drop", "in/a.csv", b"id\n1\n")
    step("setup/look")

    moved = step("setup/keep", after_import="move", archive="archive", archive_prefix="done/")
    renamed = step("setup/keep", after_import="rename", rename_prefix="done-")

    assert words(moved) == "Example: s3://drop/in/a.csv → s3://archive/done/in/a.csv"
    assert words(renamed) == "Example: s3://drop/in/a.csv → s3://drop/in/done-a.csv"


def test_a_delete_may_wait(step):
    shown = step("setup/keep", delay="7d")

    assert (
        words(shown) == "Example with a made-up name: s3://drop/in/export-2026-11.csv is deleted after 7 days"
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"after_import": "move", "archive": "drop"}, "The moved files would be selected again."),
        ({"after_import": "rename", "rename_prefix": ""}, "A rename with an empty prefix changes nothing."),
    ],
)
def test_a_loop_is_refused_on_the_spot_and_at_next(step, said, told):
    on_the_spot, at_next = step("setup/keep", **said), step("setup", **said)

    assert told in words(on_the_spot)
    assert at_next.status_code == 422
    assert told.rstrip(".") in words(at_next)


def test_two_workflows_that_would_act_on_the_same_files_are_refused_on_the_spot(scene, step, tmp_path):
    place = DuckdbDestination(path=str(tmp_path / "w.duckdb"))
    destinations.add(scene.page.app, Destination(name="w", settings=place))
    other = drafts.create(scene.page.app, "schedule")
    drafts.change(scene.page.app, other, lambda form: form | _loading())
    drafts.publish(scene.page.app, other)

    told = words(step("setup/keep"))

    assert "would act on the same files" in told


def _loading():
    extract = {
        "kind": "s3",
        "account": "hr-drop",
        "bucket": "drop",
        "prefix": "in/",
        "columns": ["id"],
        "after_import": "delete",
    }
    return {
        "tasks": [
            {"id": "files", "extract": extract},
            {"id": "load", "load": {"from": "files", "to": "w", "table": "t"}},
        ]
    }


def test_a_sample_that_cannot_be_read_says_why_and_where(step):
    shown = step("setup/sample", files={"sample": ("odd.csv", b"id,name\n1,Jos\xe9\n", "text/csv")})

    assert shown.status_code == 422
    assert "not UTF-8" in words(shown)
    assert "byte 13" in words(shown) or "offset 13" in words(shown)
    assert "odd.csv" in words(shown)
    assert "cp1252 José" in words(shown)
    assert "koi8-r JosИ" in words(shown)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The sample file is empty"),
        (b"id,id\n1,2\n", 'Column "id" occurs more than once'),
        (b"id,\n1,2\n", "Column 2 has no name"),
        (b"x" * (LARGEST + 1), "larger than 10 MB"),
    ],
    ids=["empty", "twice", "unnamed", "large"],
)
def test_a_sample_that_is_none_is_refused(step, content, told):
    shown = step("setup/sample", files={"sample": ("s.csv", content, "text/csv")})

    assert shown.status_code == 422
    assert told in words(shown)


def test_a_sample_whose_first_row_is_data_is_saved_if_its_header_is_given(scene, step):
    shown = step("setup/sample", files={"sample": ("s.csv", b"1,Ann\n2,Bo\n", "text/csv")})
    (workflow,) = [each.key for each in scene.page.app.ledger.drafts.all()]
    step("fields", header="given", do="again")
    step("fields", header="given")

    assert shown.status_code == 422
    assert "Line 1 looks like data: column 1 holds an integer" in words(shown)
    assert scene.tasks(workflow)[0]["extract"]["columns"] == ["1", "Ann"]


def test_more_than_a_sample_may_have_is_not_even_read(step):
    refused = step("setup/sample", files={"sample": ("s.csv", b"x" * (LARGEST + 1_000_000), "text/csv")})

    assert refused.status_code == 413


def test_names_of_samples_and_headers_are_shown_as_they_are(step, scene):
    hostile = "<img src=x onerror=alert(1)>"

    shown = step(
        "setup/sample",
        files={"sample": (f"{hostile}.csv", f"id,{hostile}\n1,{hostile}\n".encode(), "text/csv")},
    )
    fields = step("setup", files=None)

    assert hostile not in shown.text
    assert fields.status_code in (204, 303)


def test_a_wide_sample_is_saved_whole(scene, step):
    names = [f"column {number}" for number in range(1_500)]
    step("setup/sample", files={"sample": ("wide.csv", (",".join(names) + "\n").encode(), "text/csv")})
    step("setup")
    (workflow,) = [each.key for each in scene.page.app.ledger.drafts.all()]

    step("fields", **{f"{what}-{number}": "" for number in range(1_500) for what in ("aliases", "null")})

    (task,) = scene.tasks(workflow)
    assert task["extract"]["columns"] == names


def test_the_permissions_for_these_very_files_are_tried(step):
    shown = step("setup/check")

    found = re.findall(r"<code[^>]*>([^<]*)</code></th>.*?status-(\w+)", shown.text)
    assert {"s3:ListBucket", "s3:GetObject", "s3:DeleteObject"} <= {name for name, _ in found}
    assert {colour for _, colour in found} == {"green"}


def test_pgp_needs_a_key_that_is_there(step):
    refused = step("setup", use_pgp="yes", pgp_keys="nobody")

    assert refused.status_code == 422
    assert "There is no PGP key (decrypt) “nobody”" in words(refused)
