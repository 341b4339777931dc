"""The settings with which one file is read."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from bucketlift.model.contract import Contract
from bucketlift.model.transforms.row_checks import NO_CHECKS, RowChecks
from bucketlift.model.workflow import RejectLimit
from bucketlift.tabular.arrow.placing import FindFaults
from bucketlift.tabular.blocks.blocks import BLOCK_BYTES
from bucketlift.tabular.read.staged_writer import Report, no_report


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """How a file is read, and the paths to which its rows and rejects are written."""

    contract: Contract
    staged: Path
    """The path of the rows. This file is written only if the header matches the contract."""
    rejects: Path
    """The path of the rejects. This file is always written, in file order."""
    max_rejected: RejectLimit
    checks: RowChecks = NO_CHECKS
    """The transforms and keys. Rows that a transform rejects become rejects, and so do rows of an upsert
    whose key is repeated or partly empty.
    """
    find_key_faults: FindFaults | None = None
    """Finds the rows whose key is repeated or partly empty. None: only the keys of this file are compared."""
    block_bytes: int = BLOCK_BYTES
    """Number of bytes that are checked at once. It does not change the result; with 0 the file is read record
    by record.
    """
    report: Report = no_report
    """Called with the progress of reading."""
