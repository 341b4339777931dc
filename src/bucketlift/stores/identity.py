"""Bucketlift's own AWS identity."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from bucketlift.stores.calls import translated
from bucketlift.stores.sessions import client_of, own_session
from bucketlift.stores.translation import note_region


def own_account(region: str) -> str:
    """The ID of the AWS account that roles must trust, from STS (GetCallerIdentity).

    Raises:
        AccessRefused: Bucketlift has no AWS identity, or STS does not know it.
        StoreUnavailable: STS could not be reached.
    """
    with translated("Bucketlift's own AWS identity"):
        client: Any = client_of(own_session(), "sts", region_name=region)
        try:
            return str(client.get_caller_identity()["Account"])
        except ClientError as error:
            note_region(error, region)
            raise
        finally:
            client.close()
