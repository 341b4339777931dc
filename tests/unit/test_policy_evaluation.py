"""The embedded server evaluates policies as IAM does."""

from __future__ import annotations

from typing import Any

import pytest

from bucketlift.testing.policies import PermissionCheck, allows

LIST = PermissionCheck(action="s3:ListBucket", resource="arn:aws:s3:::b", context={"s3:prefix": "in/a*b"})
GET = PermissionCheck(action="s3:GetObject", resource="arn:aws:s3:::b/in/a?$.csv")


def allow(**more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:*", "Resource": "*", **more}


def like(pattern: str) -> dict[str, Any]:
    return {"StringLike": {"s3:prefix": pattern}}


@pytest.mark.parametrize(
    ("policy", "ask", "allowed"),
    [
        ([], GET, False),
        ([allow()], GET, True),
        ([allow(), allow(Effect="Deny", Action="s3:Get*")], GET, False),
        ([allow(Action="s3:getobject")], GET, True),
        ([allow(Action=["s3:Put?bject", "s3:Get?bject"])], GET, True),
        ([allow(Action=[], NotAction="s3:Put*")], GET, True),
        ([{"Effect": "Allow", "NotAction": "s3:Get*", "Resource": "*"}], GET, False),
        ([allow(Resource="arn:aws:s3:::b/in/*")], GET, True),
        ([allow(Resource="arn:aws:s3:::b")], GET, False),
        ([allow(Resource="arn:aws:s3:::b/in/a${?}${$}.csv")], GET, True),
        ([allow(Resource="arn:aws:s3:::b/in/ab${$}.csv")], GET, False),
        ([allow(Condition=like("in/*"))], LIST, True),
        ([allow(Condition=like("in/a${*}b"))], LIST, True),
        ([allow(Condition=like("in/a${*}c"))], LIST, False),
        ([allow(Condition=like("in/*"))], GET, False),
        ([allow(Condition={"StringEquals": {"S3:Prefix": ["x", "in/a${*}b"]}})], LIST, True),
        ([allow(Condition={"StringLikeIfExists": {"s3:prefix": "x"}})], GET, True),
        ([allow(Condition={"StringNotEquals": {"s3:prefix": "x"}})], GET, True),
        ([allow(Condition={"StringNotLike": {"s3:prefix": "in/*"}})], LIST, False),
    ],
)
def test_a_call_is_allowed_only_where_every_word_of_a_policy_says_so(
    policy: list[dict[str, Any]], ask: PermissionCheck, *, allowed: bool
) -> None:
    assert allows(policy, ask) is allowed


def test_a_condition_that_the_server_does_not_know_is_an_error_and_no_permission() -> None:
    with pytest.raises(ValueError, match="DateLessThan"):
        allows([allow(Condition={"DateLessThan": {"s3:prefix": "2026-01-01"}})], LIST)
