"""The doctor's check whether Bucketlift can assume the role with its external ID. It is used when no bucket
is known yet.
"""

from __future__ import annotations

from bucketlift.model.account import AwsRole
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.deputy import assume
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.sessions import Signer, own_session, sts_client


def check_entry(visit: Visit, signer: Signer, role: AwsRole) -> None:
    """Check that the role can be assumed. The session has no permissions and is discarded.

    Raises:
        ShutOutError: the role cannot be assumed, or STS did not answer; the findings contain the reason.
    """
    try:
        client = sts_client(signer, own_session(), role.region)
        assume(client, signer, role, {"ExternalId": role.external_id})
    except FOREIGN as error:
        visit.shut_out(error)
    visit.entered()
