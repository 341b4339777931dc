"""Removes the rows of files from their tables.

Every step can be repeated: the start is recorded in the ledger, then the destinations are written, then the
ledger records the end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bucketlift.engine.context.lease_check import require_lease
from bucketlift.errors import BucketliftError
from bucketlift.ledger.ledger import Ledger
from bucketlift.model.claim import Claim, ClaimReceipt
from bucketlift.model.load import Target
from bucketlift.model.run import Lease
from bucketlift.ports import Clock, Connections


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedRows:
    """The rows that one load task loaded from a file, and the task's target at the time of the load."""

    receipt: ClaimReceipt
    target: Target

    def __str__(self) -> str:
        return f"{self.receipt.destination}.{self.receipt.table}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unloading:
    """A file, and all of its loaded rows that are to be removed."""

    claim: Claim
    brought: tuple[LoadedRows, ...]


def unload(
    ledger: Ledger,
    connections: Connections,
    lease: Lease,
    clock: Clock,
    files: Sequence[Unloading],
) -> dict[str, int]:
    """Remove the rows of these files, and their receipts, from every table. The files are of one workflow.

    Returns the number of rows per table.

    Raises:
        RequestWrong: a file has changed since it was read, or its delete was sent; nothing was changed.
        DestinationBusy, DestinationRefused: a destination failed; the error names the tables that are
        finished.
        LeaseLost: the lease has expired. Another worker may have loaded a file again; the rows of that load
        are kept.
    """
    ledger.unloads.begin(lease, [each.claim for each in files], now=clock.now())
    check_lease_now = partial(require_lease, ledger.runs, lease)
    rows: dict[str, int] = {}
    for file in files:
        out: list[str] = []
        for brought in file.brought:
            loader = connections.loader(brought.receipt.destination)
            try:
                taken = loader.unload(brought.target, brought.receipt.load, check_lease_now)
            except BucketliftError as error:
                raise _with_progress(error, file, brought, out) from error
            out.append(str(brought))
            rows[str(brought)] = rows.get(str(brought), 0) + taken
        ledger.unloads.finish(lease, file.claim.id, now=clock.now())
    return rows


def unload_task(
    ledger: Ledger, connections: Connections, lease: Lease, files: Sequence[Unloading], task: str
) -> dict[str, int]:
    """Remove the rows that one load task loaded from these files. The states of the files do not change.

    Returns the number of rows per table. Raises the same errors as ``unload``.
    """
    check_lease_now = partial(require_lease, ledger.runs, lease)
    rows: dict[str, int] = {}
    for file in files:
        for brought in file.brought:
            loader = connections.loader(brought.receipt.destination)
            taken = loader.unload(brought.target, brought.receipt.load, check_lease_now)
            rows[str(brought)] = rows.get(str(brought), 0) + taken
        ledger.unloads.finish_task(lease, file.claim.id, task)
    return rows


def _with_progress(
    error: BucketliftError, file: Unloading, stuck: LoadedRows, out: Sequence[str]
) -> BucketliftError:
    """The error, extended by the names of the tables from which the rows of the file were already removed."""
    done = (
        f"were removed from {', '.join(out)}, but not from {stuck}"
        if out
        else f"were not removed from {stuck}"
    )
    return type(error)(
        f"{error.what} (the rows of the file {done})",
        to=f"{file.claim.id} {file.claim.source}",
        hint=f"{error.hint} Then repeat the command: rows that were removed stay removed.".strip(),
    )
