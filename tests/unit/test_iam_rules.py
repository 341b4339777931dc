"""The policies that Bucketlift prints for people and narrows its sessions with."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bucketlift.model.source import Selection
from bucketlift.model.workflow import AfterImport, Delete, Keep, Move, Rename
from bucketlift.rules.iam import (
    MAX_SESSION_POLICY,
    permission_policy,
    session_name,
    session_policy,
    trust_policy,
)

EMPLOYEES = Selection(bucket="hr", prefix="employees/")

KMS = {
    "Effect": "Allow",
    "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
    "Resource": "*",
    "Condition": {"StringLike": {"kms:ViaService": "s3.*.amazonaws.com"}},
}


def allow(action: str | list[str], resource: str | list[str], prefix: str | list[str] = "") -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {**statement, "Condition": {"StringLike": {"s3:prefix": prefix}}} if prefix else statement


WRITE = [
    "s3:PutObject",
    "s3:PutObjectTagging",
    "s3:GetObject",
    "s3:AbortMultipartUpload",
    "s3:ListMultipartUploadParts",
]


@pytest.mark.parametrize(
    ("after_import", "expected"),
    [
        (
            Keep(),
            [
                allow("s3:ListBucket", "arn:aws:s3:::hr", "employees/*"),
                allow("s3:GetObject", "arn:aws:s3:::hr/employees/*"),
            ],
        ),
        (
            Delete(),
            [
                allow("s3:ListBucket", "arn:aws:s3:::hr", "employees/*"),
                allow(["s3:GetObject", "s3:DeleteObject"], "arn:aws:s3:::hr/employees/*"),
            ],
        ),
        (
            Move(bucket="archive", prefix="done/"),
            [
                allow("s3:ListBucket", "arn:aws:s3:::hr", "employees/*"),
                allow(
                    ["s3:GetObject", "s3:GetObjectTagging", "s3:DeleteObject"], "arn:aws:s3:::hr/employees/*"
                ),
                allow("s3:ListBucket", "arn:aws:s3:::archive", "done/employees/*"),
                allow(
                    WRITE,
                    ["arn:aws:s3:::archive/done/employees/*", "arn:aws:s3:::archive/done/.bucketlift/*"],
                ),
                allow("s3:DeleteObject", "arn:aws:s3:::archive/done/.bucketlift/*"),
            ],
        ),
        (
            Rename(prefix="done-"),
            [
                allow("s3:ListBucket", "arn:aws:s3:::hr", "employees/*"),
                allow(
                    ["s3:GetObject", "s3:GetObjectTagging", "s3:DeleteObject"], "arn:aws:s3:::hr/employees/*"
                ),
                allow("s3:ListBucket", "arn:aws:s3:::hr", "employees/*"),
                allow(WRITE, ["arn:aws:s3:::hr/employees/*", "arn:aws:s3:::hr/employees/.bucketlift/*"]),
                allow("s3:DeleteObject", "arn:aws:s3:::hr/employees/.bucketlift/*"),
            ],
        ),
    ],
    ids=["keep", "delete", "move", "rename"],
)
def test_a_session_may_do_what_its_action_needs_and_no_more(
    after_import: AfterImport, expected: list[dict[str, Any]]
) -> None:
    policy = session_policy(EMPLOYEES, after_import, "aws")

    assert json.loads(policy) == {"Version": "2012-10-17", "Statement": [*expected, KMS]}
    assert " " not in policy


def test_a_person_is_asked_for_the_same_without_keys_that_are_not_used() -> None:
    plain = json.loads(permission_policy(EMPLOYEES, Delete(), "aws"))
    encrypted = json.loads(permission_policy(EMPLOYEES, Delete(), "aws", encrypted=True))

    assert encrypted == json.loads(session_policy(EMPLOYEES, Delete(), "aws"))
    assert plain == {"Version": "2012-10-17", "Statement": encrypted["Statement"][:-1]}


@pytest.mark.parametrize(
    ("partition", "via"), [("aws-us-gov", "s3.*.amazonaws.com"), ("aws-cn", "s3.*.amazonaws.com.cn")]
)
def test_other_partitions_have_their_own_names(partition: str, via: str) -> None:
    policy = json.loads(session_policy(EMPLOYEES, Keep(), partition))

    assert policy["Statement"] == [
        allow("s3:ListBucket", f"arn:{partition}:s3:::hr", "employees/*"),
        allow("s3:GetObject", f"arn:{partition}:s3:::hr/employees/*"),
        {**KMS, "Condition": {"StringLike": {"kms:ViaService": via}}},
    ]


def test_a_whole_bucket_is_listed_without_a_condition() -> None:
    policy = json.loads(permission_policy(Selection(bucket="hr"), Keep(), "aws"))

    assert policy["Statement"] == [
        allow("s3:ListBucket", "arn:aws:s3:::hr"),
        allow("s3:GetObject", "arn:aws:s3:::hr/*"),
    ]


def test_wildcards_in_a_prefix_mean_themselves() -> None:
    policy = json.loads(permission_policy(Selection(bucket="hr", prefix="a*b?c$d/"), Keep(), "aws"))

    assert policy["Statement"] == [
        allow("s3:ListBucket", "arn:aws:s3:::hr", "a${*}b${?}c${$}d/*"),
        allow("s3:GetObject", "arn:aws:s3:::hr/a${*}b${?}c${$}d/*"),
    ]


def test_a_rename_beside_a_partial_name_may_write_beside_it() -> None:
    policy = json.loads(
        permission_policy(Selection(bucket="hr", prefix="in/emp"), Rename(prefix="done-"), "aws")
    )

    assert policy["Statement"][2:] == [
        allow("s3:ListBucket", "arn:aws:s3:::hr", ["in/emp*", "in/done-emp*"]),
        allow(
            WRITE,
            [
                "arn:aws:s3:::hr/in/emp*",
                "arn:aws:s3:::hr/in/done-emp*",
                "arn:aws:s3:::hr/in/emp.bucketlift/*",
            ],
        ),
        allow("s3:DeleteObject", "arn:aws:s3:::hr/in/emp.bucketlift/*"),
    ]


def test_a_copy_whose_place_is_taken_may_have_a_mark_before_its_extension() -> None:
    selection = Selection(bucket="hr", prefix="in/emp.csv")

    policy = json.loads(permission_policy(selection, Move(bucket="archive"), "aws"))

    assert policy["Statement"][3] == allow(
        WRITE, ["arn:aws:s3:::archive/in/emp*", "arn:aws:s3:::archive/.bucketlift/*"]
    )


@pytest.mark.parametrize("letter", ["x", "€", "*"])
def test_a_policy_that_would_be_too_long_is_widened(letter: str) -> None:
    prefix = letter * (1000 // len(letter.encode()))
    after_import = Move(bucket="archive", prefix="kept/" + prefix)

    policy = session_policy(Selection(bucket="hr", prefix=prefix), after_import, "aws")
    patterns = json.loads(policy)["Statement"][1]["Resource"]

    assert len(policy) <= MAX_SESSION_POLICY
    assert policy.isascii()
    assert patterns.startswith("arn:aws:s3:::hr/" + ("${*}" if letter == "*" else letter) * 10)


def test_a_role_trusts_one_account_with_one_external_id() -> None:
    policy = json.loads(trust_policy("111122223333", "x-1", "aws-cn"))

    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": "arn:aws-cn:iam::111122223333:root"},
                "Action": "sts:AssumeRole",
                "Condition": {"StringEquals": {"sts:ExternalId": "x-1"}},
            }
        ],
    }


@pytest.mark.parametrize(
    ("workflow", "expected"),
    [
        ("nightly-employees", "bucketlift-0123abcd-nightly-employees"),
        ("Löhne/März 2026", "bucketlift-0123abcd-L-hne-M-rz-2026"),
        ("w" * 80, "bucketlift-0123abcd-" + "w" * 44),
    ],
)
def test_a_session_names_installation_and_workflow_in_the_letters_that_sts_takes(
    workflow: str, expected: str
) -> None:
    assert session_name("0123abcd" * 4, workflow) == expected
