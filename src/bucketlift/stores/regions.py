"""The regions of AWS, from botocore's data."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import create_loader

ALWAYS_ON = frozenset(
    {
        *("us-east-1", "us-east-2", "us-west-1", "us-west-2", "ca-central-1", "sa-east-1"),
        *("eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3"),
        *(
            "ap-south-1",
            "ap-northeast-1",
            "ap-northeast-2",
            "ap-northeast-3",
            "ap-southeast-1",
            "ap-southeast-2",
        ),
    }
)
"""Regions that are enabled in every account (AWS account management guide, "Enable or disable AWS Regions")."""
PARTITIONS = ("aws", "aws-us-gov", "aws-cn")
"""The AWS partitions for which we can write policies."""


@cache
def regions() -> dict[str, str]:
    """The names of the regions by their codes, grouped by partition."""
    listed: dict[str, Any] = create_loader().load_data("endpoints")
    partitions = {each["partition"]: each["regions"] for each in listed["partitions"]}
    return {
        code: region["description"]
        for partition in PARTITIONS
        for code, region in sorted(partitions[partition].items())
    }


def may_be_off(region: str) -> bool:
    """Whether the region may be disabled in an account, because it is an opt-in region or an unknown one."""
    return region not in ALWAYS_ON and not region.startswith(("cn-", "us-gov-"))
