"""A file is checked on the page as a run would read it, and a workflow is verified."""

from __future__ import annotations

import pytest

from .conftest import EXTRACT, PEOPLE

OTHER = {"id": "others", "extract": EXTRACT | {"prefix": "other/", "columns": ["a"]}}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"id,name\n1,Ann\n2,Bo\n", "people.csv would be loaded 2 rows, 0 rejects, 0 blank lines."),
        (b"id,name\n1\n2,Bo\n", "people.csv would be held"),
        (b"", "people.csv would be held"),
    ],
)
def test_a_file_is_read_with_the_settings_of_the_draft(make, as_editor, text, content, expected):
    key = make()

    answer = as_editor.post(f"/workflows/{key}/check", files={"file": ("people.csv", content)})

    assert expected in text(answer)


def test_the_task_is_chosen_if_there_are_several(make, as_editor, text):
    files = {"id": "files", "extract": EXTRACT}
    key = make(
        tasks=[files, PEOPLE, OTHER, {"id": "p", "load": {"from": "others", "to": "warehouse", "table": "o"}}]
    )

    answer = as_editor.post(
        f"/workflows/{key}/check", data={"task": "others"}, files={"file": ("o.csv", b"a\n1\n")}
    )

    assert "o.csv would be loaded 1 row" in text(answer)


def test_a_check_without_a_file_or_of_a_draft_with_issues_says_what_to_do(make, as_editor, text):
    key, half = make(), make(title="Half", tasks=[PEOPLE])

    answers = [
        as_editor.post(f"/workflows/{key}/check", data={"task": ""}),
        as_editor.post(f"/workflows/{half}/check", files={"file": ("p.csv", b"id,name\n")}),
    ]

    assert [each.status_code for each in answers] == [422, 422]
    assert "No file is selected" in text(answers[0])
    assert "The workflow has issues" in text(answers[1])


def test_a_bucket_that_cannot_be_listed_is_a_difference(published, as_editor, text, monkeypatch):
    for name in ("AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_WEB_IDENTITY_TOKEN_FILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, "/nowhere")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    answer = as_editor.post(f"/workflows/{published()}/verify")

    assert "1 difference Checked: 0 receipts, 0 copies, 0 objects." in text(answer)
    assert "not checked files s3://drop/in/ could not be listed: Found no AWS credentials" in text(answer)
