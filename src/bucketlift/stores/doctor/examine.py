"""Runs the doctor's checks of an account in their order."""

from __future__ import annotations

from bucketlift.model.account import AwsRole
from bucketlift.model.finding import Examination
from bucketlift.model.source import Selection
from bucketlift.model.workflow import AfterImport, Keep, Move, Rename
from bucketlift.stores.calls import Calls
from bucketlift.stores.doctor.archive import check_archive
from bucketlift.stores.doctor.deputy import check_deputy
from bucketlift.stores.doctor.entry import check_entry
from bucketlift.stores.doctor.restoring import check_restore
from bucketlift.stores.doctor.source import check_delete, check_source
from bucketlift.stores.doctor.visit import ShutOutError, Visit
from bucketlift.stores.probes import Probes
from bucketlift.stores.sessions import Signer


def examine(
    calls: Calls, probes: Probes, signer: Signer, selection: Selection | None, after_import: AfterImport
) -> Examination:
    """Run all checks. Without a selection, only the credentials are checked, and for a role whether others
    can assume it.

    HeadBucket is never called, because it fails for a role that is limited to a prefix.
    """
    visit = Visit(calls, probes, signer.account)
    try:
        if selection is not None:
            _examine(visit, selection, after_import)
        elif isinstance(signer.account, AwsRole):
            check_entry(visit, signer, signer.account)
        if isinstance(signer.account, AwsRole):
            check_deputy(visit, signer, signer.account)
    except ShutOutError:
        pass
    return visit.examination()


def _examine(visit: Visit, selection: Selection, after_import: AfterImport) -> None:
    sample = check_source(visit, selection)
    if selection.restore is not None:
        check_restore(visit, selection, selection.restore)
    if isinstance(after_import, Move | Rename):
        check_archive(visit, selection, after_import, sample)
    if not isinstance(after_import, Keep):
        check_delete(visit, selection)
