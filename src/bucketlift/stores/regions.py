"""The regions of AWS, as its own client library lists them."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import create_loader

PARTITIONS = ("aws", "aws-us-gov", "aws-cn")
"""Those whose policies we can write."""


@cache
def regions() -> dict[str, str]:
    """What each region is called, by its code; those of one partition stand together."""
    listed: dict[str, Any] = create_loader().load_data("endpoints")
    partitions = {each["partition"]: each["regions"] for each in listed["partitions"]}
    return {
        code: region["description"]
        for partition in PARTITIONS
        for code, region in sorted(partitions[partition].items())
    }
