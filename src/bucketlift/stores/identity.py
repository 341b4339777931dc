"""Who Bucketlift itself is to AWS."""

from __future__ import annotations

from typing import Any

from bucketlift.certificates import bundle
from bucketlift.stores.calls import translated
from bucketlift.stores.sessions import own_session


def own_account(region: str) -> str:
    """The AWS account id that roles must trust, as STS says (GetCallerIdentity).

    Raises:
        AccessRefused: there is no identity, or STS does not know it.
        StoreUnavailable: STS could not be reached.
    """
    with translated("Bucketlift's own AWS identity"):
        client: Any = own_session().create_client("sts", region_name=region, verify=bundle())
        answer = client.get_caller_identity()
        client.close()
        return str(answer["Account"])
