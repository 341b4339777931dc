"""Names of the files that loads write."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import DeliveredFile
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.load import LoadId
from bucketlift.model.objects.file_format import ObjectCompression, ObjectFormat
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.rules.objects.names import check_template, collision_name, object_name

FILE = DeliveredFile(
    load=LoadId("abcdefghij"),
    claim=ClaimId("claim"),
    load_task="export",
    key="in/employees.csv",
    found_on=date(2026, 11, 30),
)
TARGET = ObjectsTarget(table=OBJECTS, columns=(), format=ObjectFormat.CSV)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("in/employees.csv", "employees"),
        ("employees.2026-11.csv.gz.PGP", "employees.2026-11"),
        ("in/employees", "employees"),
        ("in/a b~Zoë.TXT", "a b~Zoë"),
        ("in/.csv", ".csv"),
    ],
)
def test_the_name_has_the_base_name_of_the_source_without_its_extension(key, expected):
    found = object_name(TARGET, replace(FILE, key=key))

    assert found == f"export/2026-11-30/{expected}.csv"


def test_every_placeholder_is_filled_and_the_extension_is_appended():
    target = replace(
        TARGET, name="hr/{load}-{task}/{file}_{date}", compression=ObjectCompression.GZIP, recipients=("k",)
    )

    assert object_name(target, FILE) == "hr/abcdefghij-export/employees_2026-11-30.csv.gz.pgp"


def test_the_file_of_mended_rows_has_another_name():
    assert object_name(TARGET, replace(FILE, part=2)) == "export/2026-11-30/employees~mended2.csv"


def test_a_name_on_a_collision_keeps_the_whole_extension_and_differs_by_load():
    target = replace(TARGET, compression=ObjectCompression.GZIP)

    first = collision_name(target, "out/a.csv.gz", "abc")
    second = collision_name(target, "out/a.csv.gz", "abd")

    assert (first[:6], first[-7:], len(first)) == ("out/a~", ".csv.gz", 21)
    assert first != second
    assert first == collision_name(target, "out/a.csv.gz", "abc")


@pytest.mark.parametrize("key", ["in/..", "in/a\nb.csv", f"in/{'x' * 250}.csv", "in/x.bucketlift"])
def test_a_source_whose_name_cannot_be_used_is_held(key):
    target = replace(TARGET, name="{file}", format=ObjectFormat.CSV)
    if key.endswith(".."):
        target = replace(target, name="{file}/{load}")

    found = object_name(target, replace(FILE, key=key))

    if key.endswith("bucketlift"):
        assert found == "x.csv"
        return
    assert isinstance(found, Hold)
    assert found.reason is HeldReason.UNUSABLE_NAME


@pytest.mark.parametrize(
    ("template", "what", "hint"),
    [
        ("{task}/{fil}", "There is no placeholder `{fil}`", "Did you mean `file`?"),
        (
            "{task}/{file",
            "A brace in the name is not part of a placeholder",
            'Write placeholders in braces, such as "{task}/{date}/{file}".',
        ),
        (
            "{task}/{date}",
            "All files would have the same name",
            "Add {file}, the base name of the source file, or {load}, which is different for each file.",
        ),
        *(
            (
                template,
                "The name cannot be used: a part between slashes is empty, `.` or `..`",
                'Write folders with single slashes and without a slash at the start or end: "{task}/{date}/{file}".',
            )
            for template in ("/{file}", "{file}/", "a//{file}", "../{file}", "./{file}")
        ),
    ],
)
def test_a_wrong_template_is_refused_with_the_way_to_correct_it(template, what, hint):
    with pytest.raises(RequestWrong) as refused:
        check_template(template)

    assert (refused.value.what, refused.value.hint) == (what, hint)


@pytest.mark.parametrize("template", ["{file}", "{load}", "a/{task}/{date}/{file}-{load}"])
def test_a_template_with_a_name_for_each_file_is_accepted(template):
    check_template(template)
