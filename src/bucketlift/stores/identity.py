"""Who Bucketlift itself is to AWS."""

from __future__ import annotations

import boto3

from bucketlift.stores.calls import translated


def caller_account() -> str:
    """The AWS account of Bucketlift's own identity (sts:GetCallerIdentity), which roles must trust.

    Raises:
        AccessRefused: there is no identity, or STS refused it.
        StoreUnavailable: STS could not be reached.
    """
    with translated("Bucketlift's own AWS identity"):
        return str(boto3.client("sts", region_name="us-east-1").get_caller_identity()["Account"])
