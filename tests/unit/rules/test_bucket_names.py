"""What may stand for a bucket's name."""

from __future__ import annotations

import json

import pytest

from bucketlift.model.source import Restore, Selection
from bucketlift.model.workflow import Delete, Move
from bucketlift.rules.bucket_names import misnamed_bucket, names_bucket
from bucketlift.rules.iam import permission_policy, session_policy, shorter_policies

ALIAS = "hr-drop-hrzrlukc5m36ft7okagglf3gmwluquse1b-s3alias"


@pytest.mark.parametrize("name", ["hr-drop", "hr.drop", "2026", "UPPER_case", ALIAS])
def test_a_name_is_taken_as_it_is(name: str) -> None:
    assert misnamed_bucket(name) is None


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("arn:aws:s3:::hr", "Write bucket: hr."),
        ("arn:aws-cn:s3:::hr/in/a", "Write bucket: hr and prefix: in/a."),
        ("s3://hr", "Write bucket: hr."),
        ("s3a://hr/in/", "Write bucket: hr and prefix: in/."),
        ("https://hr.s3.amazonaws.com/in", "Write only the bucket's name, without a path."),
        ("hr/in", "Write only the bucket's name, without a path."),
        ("tenant:hr", "Write hr: the store takes the tenant from the account's access key."),
        (":hr", "Write hr: the store takes the tenant from the account's access key."),
    ],
)
def test_what_is_no_name_is_told_with_what_to_write(name: str, hint: str) -> None:
    wrong = misnamed_bucket(name)

    assert wrong is not None
    assert wrong[1] == hint


@pytest.mark.parametrize(
    ("endpoint", "named"),
    [
        ("https://minio.example.com:9000", False),
        ("https://minio.example.com/storage/v1/s3", False),
        ("https://minio.example.com/hr", True),
        ("https://minio.example.com/s3/hr/", True),
        ("https://hr.s3.example.com", True),
        ("https://hr.example.com", False),
    ],
)
def test_an_endpoint_that_names_the_bucket_is_seen(endpoint: str, named: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert names_bucket(endpoint, "hr") is named


def test_the_alias_of_an_access_point_is_named_as_iam_knows_it() -> None:
    policy = json.loads(session_policy(Selection(bucket=ALIAS, prefix="in/"), Delete(), "aws"))

    listing, objects, _ = policy["Statement"]
    assert listing["Resource"] == "arn:aws:s3:*:*:accesspoint/hr-drop*"
    assert objects["Resource"] == "arn:aws:s3:*:*:accesspoint/hr-drop*/object/in/*"


def test_a_task_that_asks_for_restores_is_granted_that() -> None:
    selection = Selection(bucket="hr", prefix="in/", restore=Restore(days=1))

    policy = json.loads(permission_policy(selection, Delete(), "aws"))

    assert policy["Statement"][1]["Action"] == ["s3:GetObject", "s3:RestoreObject", "s3:DeleteObject"]


def test_shorter_policies_are_shorter_and_allow_no_other_call() -> None:
    task = (Selection(bucket="hr", prefix="in/"), Move(bucket="archive", prefix="old/"), "aws")

    lengths = [len(each) for each in (session_policy(*task), *shorter_policies(*task))]
    whole = {_actions(each) for each in (session_policy(*task), *shorter_policies(*task))}

    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) == 3
    assert len(whole) == 1


def _actions(policy: str) -> frozenset[str]:
    named = [each["Action"] for each in json.loads(policy)["Statement"]]
    return frozenset(one for each in named for one in ([each] if isinstance(each, str) else each))
