"""Compares the receipts and rows in the destinations with the ledger, in both directions."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime

from bucketlift.errors import BucketliftError
from bucketlift.ledger.db.bulk import chunks
from bucketlift.model.claim import Claim, ClaimId, Loaded
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import BEGUN, COMMITTED, FileState
from bucketlift.model.load import Lineage, LoadId, Receipt, Target, WriteMode, load_ids
from bucketlift.model.workflow import Definition
from bucketlift.ports import Loader
from bucketlift.service.core.app import App
from bucketlift.service.core.fleet import require_places
from bucketlift.service.verify.difference import Difference, Kind

BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_FEWER = (
    "Rows were deleted, or the table did not store them: `bucketlift destinations doctor` names such tables. "
    "Compare the table with the files before you load one of them again. If you add a text column _load_id to the table, "
    "verify can name the files of later loads."
)
_SETTLED = frozenset({FileState.HELD, FileState.SKIPPED, FileState.GONE, FileState.SUPERSEDED})
"""States of files that are not loaded and that no run will load without a decision."""


class Receipts:
    """Compares all receipts of a workflow, one page of files at a time."""

    def __init__(self, app: App, definition: Definition) -> None:
        self._app = app
        self._definition = definition
        self._workflow = definition.workflow
        self._versions: dict[int, Definition] = {}
        self._loaders: dict[str, Loader | None] = {}
        self._last = app.ledger.audit.last_loads(self._workflow.key)
        self._replaced = {
            (load.destination, load.target.table)
            for load in self._workflow.loads
            if load.target.mode is WriteMode.REPLACE
        }
        self._emptied = {
            (load.destination, load.target.table)
            for flow in app.ledger.catalog.all()
            for load in flow.loads
            if load.target.mode is WriteMode.REPLACE
        }
        """Tables that a workflow replaces. They may have receipts of other loads whose rows are already
        removed.
        """
        self.checked = 0

    def differences(self) -> Iterator[Difference]:
        for load in self._workflow.loads:
            yield from self._opened(load.destination)
        for page in self._app.ledger.audit.claims(self._workflow.key):
            yield from self._unchanged(self._page(page))
        for destination in sorted({load.destination for load in self._workflow.loads}):
            yield from self._guarded(destination, self._unknown(destination))
            yield from self._guarded(destination, self._sizes(destination))
        yield from self._unchanged(self._unreplayed())

    def _unreplayed(self) -> Iterator[Difference]:
        """Yield the mended rejects of loaded files that no run is loading."""
        if self._app.ledger.runs.unfinished(self._workflow.key):
            return
        for each in self._app.ledger.replays.pending(self._workflow.key):
            what = (
                f"Replay {each.part} of the mended rejects of the file ({each.rows:,} rows) is not finished"
            )
            yield Difference(kind=Kind.UNFINISHED, what=what, task=each.claim.task, claim=each.claim)

    def _page(self, claims: Collection[Claim]) -> Iterator[Difference]:
        by_id = {claim.id: claim for claim in claims if claim.state not in BEGUN}
        loads = self._app.ledger.unloads.loads(by_id)
        for claim in by_id.values():
            yield from self._unproven(claim, loads.get(claim.id, ()))
        for destination, mine in _by_destination(by_id, loads).items():
            yield from self._opened(destination)
            yield from self._guarded(destination, self._against(destination, mine))
        yield from self._unloaded([claim for claim in by_id.values() if claim.id not in loads])

    def _unproven(self, claim: Claim, loads: Collection[Loaded]) -> Iterator[Difference]:
        """Yield the loads of a loaded file that have no receipt."""
        if claim.state not in COMMITTED or HeldReason.LOADER_REMOVED in claim.accepted:
            return
        proven = {each.receipt.load_task for each in loads}
        for task in claim.choice or ():
            if task not in proven:
                what = "The file is loaded according to the ledger, which has no receipt of the file"
                yield Difference(kind=Kind.NO_RECEIPT, what=what, task=task, claim=claim)

    def _against(self, destination: str, loads: Collection[tuple[Claim, Loaded]]) -> Iterator[Difference]:
        """Check that one destination has the receipts that the ledger recorded."""
        loader = self._loaders[destination]
        if loader is None:
            return
        standing = [pair for pair in loads if self._counts(pair[1])]
        self.checked += len(standing)
        found = loader.receipts([each.receipt.load for _, each in standing])
        for claim, each in standing:
            if each.receipt.load not in found:
                unloading = claim.reason == HeldReason.UNLOADING
                yield Difference(
                    kind=Kind.UNFINISHED if unloading else Kind.RECEIPT_MISSING,
                    what=f"{destination} has no receipt of the file"
                    + (": an unload was interrupted" if unloading else ""),
                    task=each.receipt.load_task,
                    claim=claim,
                    hint=f"Repeat: bucketlift files unload {claim.id}" if unloading else None,
                )
        yield from self._rows(loader, [pair for pair in standing if pair[1].receipt.load in found])

    def _counts(self, loaded: Loaded) -> bool:
        """Whether the destination must have the receipt of a load. Of the loads that replaced a table, only
        the last has a receipt.
        """
        if self._target(loaded).mode is not WriteMode.REPLACE:
            return True
        return self._last.get(loaded.receipt.load_task) == loaded.receipt.load

    def _rows(self, loader: Loader, loads: Collection[tuple[Claim, Loaded]]) -> Iterator[Difference]:
        """Compare the rows of append loads in a table with the counts of their receipts."""
        alike: dict[Target, list[tuple[Claim, Loaded]]] = {}
        for claim, each in loads:
            target = self._target(each)
            replaced = (each.receipt.destination, each.receipt.table) in self._replaced
            if target.mode is WriteMode.APPEND and target.lineage is not Lineage.OFF and not replaced:
                alike.setdefault(target, []).append((claim, each))
        for target, mine in alike.items():
            rows = loader.rows(target, [each.receipt.load for _, each in mine])
            for claim, each in mine if rows is not None else ():
                there, expected = (rows or {}).get(each.receipt.load, 0), each.receipt.inserted
                if there != expected:
                    what = f"{there:,} of the file's {expected:,} rows are in {each.receipt.destination}.{target.table}"
                    yield Difference(
                        kind=Kind.ROWS_DIFFER, what=what, task=each.receipt.load_task, claim=claim
                    )

    def _unloaded(self, claims: Collection[Claim]) -> Iterator[Difference]:
        """Yield the receipts of files that are not loaded according to the ledger."""
        settled = [claim for claim in claims if claim.load_begun and claim.state in _SETTLED]
        for load in self._workflow.loads if settled else ():
            loader = self._loaders[load.destination]
            task = self._definition.task_slug(load.id)
            mine = {
                name: claim
                for claim in settled
                if claim.task == load.source
                for name in load_ids(self._definition.slug, task, load.target.table, claim.source)
            }
            if loader is not None and mine:
                yield from self._guarded(load.destination, _brought(loader, load.id, load.destination, mine))

    def _unknown(self, destination: str) -> Iterator[Difference]:
        """Yield the receipts of this installation, in tables of this workflow, that belong to no file of the
        ledger.
        """
        loader = self._loaders[destination]
        if loader is None:
            return
        tables = {
            load.target.table: load.id for load in self._workflow.loads if load.destination == destination
        }
        receipts = [each for each in loader.receipts_since(BEGINNING) if each.table in tables]
        for some in chunks(receipts):
            for lost in self._app.ledger.pauses.unexplained(destination, some):
                yield Difference(
                    kind=Kind.RECEIPT_UNKNOWN,
                    what=_unknown_receipt(destination, lost),
                    task=tables[lost.table],
                )

    def _sizes(self, destination: str) -> Iterator[Difference]:
        """Yield the tables without lineage columns that have fewer rows than were inserted."""
        loader = self._loaders[destination]
        for load in self._workflow.loads if loader is not None else ():
            if load.destination != destination or (destination, load.target.table) in self._emptied:
                continue
            # Read the ledger again: a file may have been unloaded since the first read.
            missing = [_missing(loader, load.target) for _ in range(2)] if loader else []
            if all(missing):
                yield Difference(
                    kind=Kind.ROWS_DIFFER,
                    what=f"{destination}.{load.target.table} has {missing[-1]:,} rows fewer than its loads inserted",
                    task=load.id,
                    hint=_FEWER,
                )

    def _target(self, loaded: Loaded) -> Target:
        """The target of the load task in the workflow version that executed the load."""
        version = loaded.version
        if version not in self._versions:
            self._versions[version] = self._app.ledger.catalog.version(self._workflow.key, version)
        loads = self._versions[version].workflow.loads
        return next(load.target for load in loads if load.id == loaded.receipt.load_task)

    def _unchanged(self, found: Iterator[Difference]) -> Iterator[Difference]:
        """Yield the differences, except those of files that have changed since they were read, because a run
        or a user changed them.
        """
        differing = list(found)
        claims = {each.claim.id: each.claim for each in differing if each.claim is not None}
        again = self._app.ledger.audit.again(claims)
        for each in differing:
            if each.claim is None or again.get(each.claim.id) == each.claim:
                yield each

    def _opened(self, destination: str) -> Iterator[Difference]:
        """Open a destination, if it was not opened before. If it cannot be opened, report this only once."""
        if destination in self._loaders:
            return
        self._loaders[destination] = None
        try:
            require_places(self._app, [destination])
            if self._app.connections.delivery(destination) is None:
                self._loaders[destination] = self._app.connections.loader(destination)
        except BucketliftError as error:
            yield _not_checked(destination, error)

    def _guarded(self, destination: str, found: Iterator[Difference]) -> Iterator[Difference]:
        """Report a destination that fails, and do not use it in this comparison again."""
        try:
            yield from found
        except BucketliftError as error:
            self._loaders[destination] = None
            yield _not_checked(destination, error)


def _by_destination(
    claims: Mapping[ClaimId, Claim], loads: Mapping[ClaimId, list[Loaded]]
) -> dict[str, list[tuple[Claim, Loaded]]]:
    found: dict[str, list[tuple[Claim, Loaded]]] = {}
    for claim, mine in loads.items():
        for each in mine:
            found.setdefault(each.receipt.destination, []).append((claims[claim], each))
    return found


def _brought(
    loader: Loader, task: str, destination: str, named: Mapping[LoadId, Claim]
) -> Iterator[Difference]:
    for load in loader.receipts(list(named)):
        claim = named[load]
        what = f"{destination} has a receipt of the file, but the file is {claim.state.value} ({claim.reason}) in the ledger"
        hint = "Retry the file: the run finds its receipt and marks it as loaded. Then you can unload it."
        yield Difference(kind=Kind.RECEIPT_UNKNOWN, what=what, task=task, claim=claim, hint=hint)


def _missing(loader: Loader, target: Target) -> int:
    """The number of rows that are missing in the table, by its receipts; 0 if its rows have lineage columns."""
    if loader.rows(target, ()) is not None:
        return 0
    inserted = sum(each.inserted for each in loader.receipts_since(BEGINNING) if each.table == target.table)
    there = loader.size(target)  # read after the receipts: a load in between can only add rows
    return 0 if there is None else max(0, inserted - there)


def _unknown_receipt(destination: str, receipt: Receipt) -> str:
    rows = receipt.inserted + receipt.updated + receipt.unchanged
    return (
        f"{destination}.{receipt.table} has a receipt of {receipt.committed_at:%Y-%m-%d %H:%M} UTC ({rows:,} rows, load "
        f"{receipt.load[:16]}) that the ledger does not know"
    )


def _not_checked(destination: str, error: BucketliftError) -> Difference:
    what = f"{destination} could not be read: {error.what}"
    return Difference(kind=Kind.NOT_CHECKED, what=what, hint=error.hint or None)
