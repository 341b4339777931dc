"""The settings for reading one file."""

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
    """How to read a file, and the paths to which its rows and rejects are written."""

    contract: Contract
    staged: Path
    """The file of rows: written only if the header meets the contract."""
    rejects: Path
    """The file of rejects: always written, in file order."""
    max_rejected: RejectLimit
    checks: RowChecks = NO_CHECKS
    """Rows that a transform rejects, and rows of an upsert with a repeated or partly empty key, become rejects."""
    find_key_faults: FindFaults | None = None
    """Finds the rows with such a key. None: only keys of this file are compared."""
    block_bytes: int = BLOCK_BYTES
    """Bytes checked at once. It does not change the result; with 0 the file is read record by record."""
    report: Report = no_report
    """Receives the progress."""
