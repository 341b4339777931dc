"""The page names its own labels: no key or path of a workflow file, and no operation of the S3 API in a heading."""

import pytest

from bucketlift.definition.yaml.problems import DefinitionWrong, Problem
from bucketlift.service.editor import extracts
from bucketlift.service.editor.page_words import LABELS, hint_on_page, label_of, on_page, on_page_error
from bucketlift.web.extract.format_form import SETTINGS
from bucketlift.web.headings import heading


def test_a_key_of_the_file_becomes_the_label_of_its_input():
    assert on_page("`bucket` is missing") == "“S3 bucket name” is missing"
    assert on_page("`key[0]` is empty") == "“Key” is empty"
    assert on_page("there is no account `acme`") == "There is no account “acme”"


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("This key is required.", "Enter a value."),
        ("Write {cron: ...} or {every: day, at: ...}.", ""),
        ("Put the value in quotes.", ""),
        ("Did you mean `Salary`?", "Did you mean “Salary”?"),
    ],
)
def test_a_hint_that_explains_the_file_is_not_shown(hint, shown):
    assert hint_on_page("`at` is missing", hint) == shown


def test_a_path_becomes_the_labels_on_the_way():
    assert label_of(("tasks", 0, "extract", "bucket")) == "S3 bucket name"
    assert label_of(("tasks", 0, "extract", "fields", "Salary", "scale")) == "Salary, Decimal places"
    assert label_of(("tasks", 0)) == ""


def test_an_error_of_the_file_is_shown_without_its_path():
    path = ("workflows", "w", "tasks", 0, "extract", "bucket")
    wrong = DefinitionWrong(
        [Problem(what="`bucket` is missing", to="w line 3 (workflows.w.tasks[0])", path=path, hint="")]
    )

    shown = on_page_error(wrong)

    assert (shown.what, shown.to) == ("“S3 bucket name” is missing", "S3 bucket name")


def test_a_task_that_is_not_valid_names_the_input():
    with pytest.raises(Exception, match="S3 bucket name") as wrong:
        extracts.compiled_alone({"kind": "s3", "bucket": "s3://drop/in", "after_import": "keep"})

    assert "workflows" not in str(wrong.value)
    assert "`" not in str(wrong.value)


def test_each_setting_of_the_format_has_one_label():
    assert {each.key: each.label for each in SETTINGS}.items() <= LABELS.items()


@pytest.mark.parametrize(
    ("what", "shown"),
    [
        ("ListObjectsV2 was refused (AccessDenied)", "The bucket could not be listed"),
        ("DeleteObject was refused (PreconditionFailed)", "The file could not be deleted"),
        ("RestoreObject was refused (InvalidObjectState)", "The store refused the request"),
        ("The file is empty", "The file is empty"),
    ],
)
def test_a_heading_says_what_failed_and_not_which_call(what, shown):
    assert heading(what) == shown
