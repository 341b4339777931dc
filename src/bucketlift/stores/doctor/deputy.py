"""The doctor's check whether others can assume the role: it requests the role without the external ID, and
with a random one.

Reference: the IAM user guide, "The confused deputy problem".
"""

from __future__ import annotations

import json
import secrets
from typing import Any

from botocore.exceptions import ClientError

from bucketlift.model.account import AwsRole
from bucketlift.model.finding import Health
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.sessions import Signer, own_session, sts_client
from bucketlift.stores.translation import code_of

WITHOUT = "without an external ID"
WITH_ANY = "with any external ID"

SHORTEST = 900
"""The shortest duration of a session that STS allows, in seconds."""

_NOTHING = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
)


def check_deputy(visit: Visit, signer: Signer, role: AwsRole) -> None:
    """Test whether the role requires its external ID. A session policy denies everything to the test
    sessions.
    """
    ways: dict[str, dict[str, str]] = {WITHOUT: {}, WITH_ANY: {"ExternalId": secrets.token_urlsafe(24)}}
    try:
        client = sts_client(signer, own_session(), role.region)
        open_to = tuple(way for way, given in ways.items() if _assumed(client, signer, role, given))
    except FOREIGN as error:
        visit.add_finding(
            "deputy", Health.UNKNOWN, f"STS gave no clear answer ({type(error).__name__})", "Ask again."
        )
        return
    visit.open_to = open_to
    if not open_to:
        visit.ok("deputy", "The role cannot be assumed without its external ID or with another one")
        return
    visit.add_finding(
        "deputy",
        Health.WARNING,
        f"The role can be assumed {' and '.join(open_to)} (confused deputy)",
        "Add the condition sts:ExternalId to the role's trust policy (`bucketlift accounts policy` prints it), "
        'or accept the risk: `bucketlift accounts acknowledge NAME --reason "..."`.',
    )


def _assumed(client: Any, signer: Signer, role: AwsRole, given: dict[str, str]) -> bool:
    try:
        assume(client, signer, role, given)
    except ClientError as error:
        if code_of(error) == "AccessDenied":
            return False
        raise
    return True


def assume(client: Any, signer: Signer, role: AwsRole, given: dict[str, str]) -> None:
    """Request a session without permissions, and discard it.

    Raises: boto3's errors.
    """
    client.assume_role(
        RoleArn=role.role_arn,
        RoleSessionName=signer.session_name,
        DurationSeconds=SHORTEST,
        Policy=_NOTHING,
        **given,
    )
