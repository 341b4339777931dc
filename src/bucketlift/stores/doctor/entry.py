"""Does a role let Bucketlift in with its external id? Asked where no bucket is named yet."""

from __future__ import annotations

from bucketlift.model.account import AwsRole
from bucketlift.stores.calls import FOREIGN
from bucketlift.stores.doctor.deputy import assume
from bucketlift.stores.doctor.visit import Visit
from bucketlift.stores.sessions import Signer, own_session, sts_client


def look_at_entry(visit: Visit, signer: Signer, role: AwsRole) -> None:
    """The session could do nothing, and is not kept.

    Raises:
        ShutOutError: the role is not ours to assume, or STS did not say; it is among the findings.
    """
    try:
        client = sts_client(signer, own_session(), role.region)
        assume(client, signer, role, {"ExternalId": role.external_id})
    except FOREIGN as error:
        visit.shut_out(error)
    visit.entered()
