"""The doctor names each missing right, and cries no wolf for a role that has the least."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bucketlift.model.source import Selection
from bucketlift.model.workflow import AfterImport, Delete, Keep, Move, Rename
from bucketlift.rules.iam import permission_policy
from e2e.world import EVERYTHING
from integration.doctor.conftest import Makes, examine, short

pytestmark = pytest.mark.slow

IN = Selection(bucket="drop", prefix="in/")
ACTIONS: dict[str, AfterImport] = {
    "keep": Keep(),
    "delete": Delete(),
    "move": Move(bucket="archive", prefix="old/"),
    "rename": Rename(prefix="done-"),
}


def least(after_import: str) -> list[dict[str, Any]]:
    policy = json.loads(permission_policy(IN, ACTIONS[after_import], "aws"))
    statements: list[dict[str, Any]] = policy["Statement"]
    return statements


def least_without(after_import: str, number: int, action: str) -> list[dict[str, Any]]:
    statements = []
    for at, statement in enumerate(least(after_import)):
        allowed = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
        left = [each for each in allowed if (at, each) != (number, action)]
        statements += [{**statement, "Action": left}] if left else []
    return statements


@pytest.mark.parametrize("hides_missing", [False, True], ids=["sees missing keys", "does not"])
@pytest.mark.parametrize("after_import", ACTIONS)
def test_a_role_with_the_least_rights_is_sound(make: Makes, after_import: str, hides_missing) -> None:
    world = make(least(after_import), hides_missing=hides_missing)

    report = examine(world, after_import)

    assert (report.passed, short(report)) == (True, {})
    assert world.keys() == ["in/a.csv"]
    assert world.keys("archive") == []


@pytest.mark.parametrize(
    ("number", "action", "found"),
    [
        (0, "s3:ListBucket", {"list": "missing", "get": "unknown", "delete": "unknown"}),
        (1, "s3:GetObject", {"get": "missing", "delete": "unknown"}),
        (1, "s3:GetObjectTagging", {"tags read": "missing"}),
        (1, "s3:DeleteObject", {"delete": "missing"}),
        (2, "s3:ListBucket", {"archive list": "missing"}),
        (3, "s3:PutObject", {"archive put": "missing"}),
        (3, "s3:PutObjectTagging", {"tags write": "missing"}),
        (3, "s3:AbortMultipartUpload", {"part abort": "missing"}),
    ],
)
def test_each_right_that_a_move_lacks_is_named(
    make: Makes, number: int, action: str, found: dict[str, str]
) -> None:
    world = make(least_without("move", number, action))

    report = examine(world, "move")

    assert (report.passed, short(report)) == (False, found)
    (hint,) = [each.hint for each in report.findings if each.health.value == "missing"]
    assert action in hint
    assert world.keys() == ["in/a.csv"]


def test_a_copy_that_could_not_be_read_back_is_named_with_the_copies_that_need_it(make: Makes) -> None:
    report = examine(make(least_without("move", 3, "s3:GetObject")), "move")

    copies = ("copy source", "copy create", "part source")
    assert short(report) == {"archive get": "missing"} | dict.fromkeys(copies, "missing")
    assert "read back" in next(each.hint for each in report.findings if each.check == "archive get")


def test_probe_objects_that_may_not_be_removed_are_told(make: Makes) -> None:
    world = make(least_without("move", 4, "s3:DeleteObject"))

    report = examine(world, "move")

    assert (report.passed, short(report)) == (True, {"clean-up": "warning"})
    assert all(key.startswith("old/.bucketlift/") for key in world.keys("archive"))


def test_a_missing_right_to_delete_is_told_with_the_other_cause_of_a_403(make: Makes) -> None:
    report = examine(make(least_without("delete", 1, "s3:DeleteObject")))

    (finding,) = [each for each in report.findings if each.health.value == "missing"]
    assert finding.what.startswith("DeleteObject was refused (AccessDenied)")
    assert "Grant s3:DeleteObject and s3:GetObject on drop/in/*" in finding.hint
    assert "the object does not exist and the role may not list the bucket" in finding.hint


@pytest.mark.parametrize(
    ("hides_missing", "found"), [(False, {}), (True, {"get": "unknown", "delete": "unknown"})]
)
def test_without_a_file_what_a_403_means_stays_open(
    make: Makes, hides_missing, found: dict[str, str]
) -> None:
    report = examine(make(least("delete"), hides_missing=hides_missing, empty=True))

    assert (report.passed, short(report)) == (True, found)


def test_an_archive_that_is_not_there_is_named(make: Makes) -> None:
    report = examine(make(), "move", archive="nowhere")

    assert short(report) == {"archive list": "missing", "archive put": "missing"}


def test_a_bucket_of_somebody_else_is_not_read(make: Makes) -> None:
    report = examine(make(bucket_owner="999999999999"))

    assert short(report)["list"] == "missing"
    assert "999999999999" in report.findings[1].hint


def test_a_doctor_never_asks_for_the_bucket_itself(make: Makes) -> None:
    world = make(EVERYTHING)

    examine(world, "move")

    assert "HeadBucket" not in world.server.log.operations()


def test_a_key_of_kms_that_may_not_be_used_is_named(make: Makes) -> None:
    from bucketlift.testing.faults import Refuses  # noqa: PLC0415 - for this test only

    world = make()
    message = "User: x is not authorized to perform: kms:Decrypt on resource: y"
    world.server.faults.add("GetObject", Refuses(status=403, code="AccessDenied", message=message))

    report = examine(world)

    assert short(report)["kms"] == "missing"
    assert next(each.hint for each in report.findings if each.check == "kms").startswith("Grant kms:Decrypt")
