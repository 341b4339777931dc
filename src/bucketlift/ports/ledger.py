"""What the engine needs of the ledger. Writes carry the run's lease and are refused when it is stale."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from bucketlift.model.claim import (
    Claim,
    ClaimId,
    ClaimReceipt,
    Delayed,
    KeyFacts,
    Loaded,
    Member,
    PendingAction,
    Pinned,
    Tally,
)
from bucketlift.model.lifecycle import FileState, RunState
from bucketlift.model.load import LoadId, Receipt
from bucketlift.model.mending import MendedRow
from bucketlift.model.pause import Pause
from bucketlift.model.replay import Replay, ReplayReceipt
from bucketlift.model.rows import Reject
from bucketlift.model.run import Fault, Lease, Run, RunId, Standing
from bucketlift.model.source import Honoured, ListedObject, Place, Precondition, StoreId
from bucketlift.model.trigger import AfterWorkflow
from bucketlift.model.worker import WorkerKind
from bucketlift.model.workflow import AfterImport, Definition, Workflow


class Runs(Protocol):
    """Every run that was asked for."""

    def get(self, run: str) -> Run: ...

    def unfinished(self, workflow: str) -> tuple[Run, ...]:
        """Runs that somebody began, or that wait, oldest first."""
        ...

    def free(self, at: Callable[[str, str], bool]) -> tuple[str, ...]:
        """Workflows with an unfinished run that nobody is at, the longest waiting first.

        ``at`` says of a workflow and the holder of its lease whether that one is at it.
        """
        ...

    def take_lease(self, workflow: str, holder: str, alive: Callable[[str], bool]) -> Lease | None:
        """Become the one worker that writes for a workflow; None while a live one holds it.

        Each taking raises the token, so that what a former holder still sends is refused.
        """
        ...

    def drop_lease(self, lease: Lease) -> None:
        """Let the next worker in; nothing where the lease is somebody else's by now."""
        ...

    def begin(self, run: RunId, lease: Lease, *, worker: str, now: datetime) -> Run: ...

    def record_answers(self, run: RunId, lease: Lease, answers: Mapping[str, Any]) -> None: ...

    def record_fault(self, run: RunId, lease: Lease, task: str, fault: Fault) -> None:
        """Keep the first error of a task."""
        ...

    def standing(self, run: RunId, lease: Lease) -> Standing:
        """Whether the lease is still the newest, and somebody wants the run to end before its time."""
        ...

    def holds(self, lease: Lease) -> bool:
        """Whether nobody has taken the lease over."""
        ...

    def finish(
        self,
        run: RunId,
        lease: Lease,
        *,
        state: RunState,
        document: dict[str, Any],
        newly_held: int,
        now: datetime,
    ) -> None: ...


class Workers(Protocol):
    """Which processes are at work."""

    def enter(self, worker: str, *, name: str, host: str, kind: WorkerKind) -> None: ...

    def beat(self, worker: str, *, draining: bool) -> bool:
        """Give a sign of life; False where the worker was forgotten."""
        ...

    def leave(self, worker: str) -> None: ...

    def fresh(self, worker: str) -> bool:
        """Whether a process gave a sign of life lately; one that left or was never here did not."""
        ...


class Slots(Protocol):
    """How many load units may be open in one destination at once."""

    def take(
        self,
        destination: str,
        cap: int,
        holder: str,
        alive: Callable[[str], bool],
        *,
        mine: Collection[int] = (),
    ) -> int | None:
        """Take one of a destination's slots; None while all are with live workers.

        ``mine`` are those that the holder knows to have: any other in its name could not be given back.
        """
        ...

    def drop(self, destination: str, slot: int, holder: str) -> None: ...


class Manifests(Protocol):
    """The exact occurrences that each run takes, in their order and batches."""

    def unpin(self, run: RunId, lease: Lease, task: str | None = None, *, again: bool = False) -> None:
        """Forget a manifest that was not pinned to its end, or one task's part of it.

        With ``again``, only the members that were to be read again for a replace unit.
        """
        ...

    def pin(
        self, run: RunId, lease: Lease, task: str, page: Sequence[tuple[Pinned, int, int]], *, now: datetime
    ) -> None:
        """Name a page of objects in the ledger; each comes with its position and its batch."""
        ...

    def seal(
        self, run: RunId, lease: Lease, batches: Mapping[str, int], known: Mapping[str, int], *, now: datetime
    ) -> None:
        """Say that the manifests of a run are complete.

        ``known`` counts the selected keys that were not taken, of the tasks whose listing was complete.
        """
        ...

    def count_again(self, run: RunId, task: str) -> int:
        """Members that are read again for a replace unit."""
        ...

    def by_modified(self, run: RunId, task: str) -> list[tuple[ClaimId, int]]:
        """A manifest's claims and sizes, the longest unmodified first."""
        ...

    def reorder(self, run: RunId, lease: Lease, task: str, order: Iterable[tuple[ClaimId, int, int]]) -> None:
        """Give each claim of a manifest its position and batch."""
        ...

    def batch(self, run: RunId, task: str, batch: int) -> list[Member]:
        """The members of one batch, in order."""
        ...

    def members(self, run: RunId, task: str) -> list[Member]:
        """All members of a manifest, in order: what a replace unit is made of."""
        ...

    def release(self, run: RunId, lease: Lease, *, what: str, now: datetime) -> None:
        """Let the next run take what a run that broke off had begun with."""
        ...


class Files(Protocol):
    """Where each occurrence stands for each extract task, its receipts and its rejects."""

    def record(
        self,
        lease: Lease,
        changes: Sequence[tuple[Claim, Mapping[str, Any]]],
        *,
        now: datetime,
        rejects: Mapping[ClaimId, Iterable[Reject]] | None = None,
        staged: tuple[RunId, Collection[ClaimId]] | None = None,
    ) -> frozenset[ClaimId]:
        """Change many claims in one transaction, with their rejects and their place in the manifest.

        A claim whose state is no longer the one it was read with is left alone: a person was first. The claims
        that were changed are answered.
        """
        ...

    def record_receipts(
        self,
        lease: Lease,
        run: RunId,
        receipts: Sequence[ClaimReceipt],
        choices: Mapping[ClaimId, Sequence[str]],
    ) -> None:
        """Keep what a destination committed, and fix the loads that each file goes to.

        A later load of the same file by the same task takes the former receipt's place.
        """
        ...

    def receipts(self, claims: Collection[ClaimId]) -> dict[ClaimId, dict[str, ClaimReceipt]]:
        """The receipts of these claims, per load task."""
        ...

    def holds_unit(self, workflow: str, task: str) -> bool:
        """Whether a file of the task is held for its own sake, or rests in an archive tier."""
        ...

    def find(
        self,
        *,
        workflow: str | None = None,
        states: Collection[FileState] = (),
        run: RunId | None = None,
        limit: int = 1000,
        offset: int = 0,
    ) -> list[Claim]:
        """Claims in the order of their keys; of one run: its manifest and what was held earlier."""
        ...

    def through_elsewhere(self, claims: Collection[ClaimId]) -> dict[ClaimId, set[tuple[str, str]]]:
        """The other tasks, (workflow, task), that are through with the same occurrences.

        Committed, or skipped for good: what a condition skipped is still to come.
        """
        ...


class Counts(Protocol):
    """What a run's answer and its conditions are made of."""

    def tally(self, run: RunId, task: str) -> list[Tally]:
        """A manifest's files, rows and bytes per state.

        A known file that was read again for a replace unit counts as done where this run loaded it, as staged
        while it is only read, and as retrying where it could not be.
        """
        ...

    def loaded_rows(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """Rows that a load task inserted, updated and left unchanged in this run."""
        ...

    def attention(self, workflow: str) -> int:
        """Files of a workflow that wait for a person now."""
        ...

    def newly_held(self, run: RunId) -> int:
        """Files of a run's manifest that are held now, and files whose action it held."""
        ...


class Survey(Protocol):
    """What the ledger knows about listed keys."""

    def facts(
        self, store: StoreId, bucket: str, page: Sequence[ListedObject], *, workflow: str, task: str
    ) -> list[KeyFacts]:
        """The facts about each listed object, in the page's order (a page of up to 1,000)."""
        ...

    def open_claims(self, workflow: str, task: str) -> dict[ClaimId, Claim]:
        """Those held or unfinished: few, however many objects there are."""
        ...

    def first_listed_at(self, workflow: str, task: str) -> datetime | None:
        """When this task's first listing was complete; None while there was none."""
        ...


class Outbox(Protocol):
    """What is still to be done to source objects after their commit."""

    def commit(self, lease: Lease, files: Sequence[tuple[ClaimId, AfterImport]], *, now: datetime) -> None:
        """Say that files are committed everywhere, and what is to be done to their objects.

        The action is fixed here. A file that is kept is done at once; one that a person put on hold
        meanwhile is left as it is.
        """
        ...

    def due(
        self, workflow: str, *, now: datetime, limit: int, after: ClaimId | None = None
    ) -> list[PendingAction]:
        """Actions to take now, by claim id; ``after`` goes on behind one."""
        ...

    def copied(self, lease: Lease, done: Sequence[tuple[ClaimId, Place]], *, now: datetime) -> set[ClaimId]:
        """Verified copies are at these places; the claims whose action is still pending."""
        ...

    def send(self, lease: Lease, claims: Collection[ClaimId], *, now: datetime) -> set[ClaimId]:
        """Mark deletes as sent, just before they are. Those that a person held meanwhile are left out."""
        ...

    def finish(
        self, lease: Lease, results: Sequence[tuple[ClaimId, bool, str | None]], *, now: datetime
    ) -> None:
        """The source objects are out of our hands: (claim, removed, note).

        ``removed``: nothing is under the key any more, so the same bytes there are a new arrival.
        """
        ...

    def hold(
        self, lease: Lease, run: RunId, held: Sequence[tuple[ClaimId, str, str, str]], *, now: datetime
    ) -> None:
        """Loaded, but the action needs a person: (claim, reason, what, hint)."""
        ...

    def note(self, lease: Lease, notes: Sequence[tuple[ClaimId, str]], *, now: datetime) -> None:
        """Why an action waits: for another workflow, or for another try."""
        ...

    def delayed(self, claims: Collection[ClaimId]) -> dict[ClaimId, Delayed]:
        """Those of the claims whose action waits until its delay is over, or is held meanwhile."""
        ...


class Replays(Protocol):
    """Rejects that a person mended, and how far each load of them got."""

    def pending(self, workflow: str) -> list[Replay]:
        """Those not through, of files that are loaded, in their order."""
        ...

    def rows(self, claim: ClaimId, part: int) -> list[MendedRow]:
        """The mended rows of a replay, in the order of the file."""
        ...

    def strangers(self, replay: Replay) -> list[int]:
        """Lines of its rows that are no rejects of the file: it was read anew since, and judged otherwise."""
        ...

    def receipts(self, claim: ClaimId, part: int) -> dict[str, ReplayReceipt]:
        """What is committed of a replay, per load task."""
        ...

    def begin(self, lease: Lease, replay: Replay) -> bool:
        """Say that a destination may have a receipt of it from now on; False where its rows went over to another."""
        ...

    def record(self, lease: Lease, run: RunId, part: int, receipt: ClaimReceipt) -> None:
        """Keep what a destination committed."""
        ...

    def finish(self, lease: Lease, replay: Replay, *, now: datetime) -> None:
        """It is in every table; its rows count as mended."""
        ...

    def drop(self, lease: Lease, replay: Replay) -> bool:
        """Forget a replay of which nothing was committed, so that its rows can be mended anew."""
        ...

    def loaded(self, run: RunId, load_task: str) -> Mapping[str, int]:
        """Replays that a load task committed in a run, and their rows."""
        ...


class Unloads(Protocol):
    """Loads that a person has taken out of their destinations again."""

    def loads(self, claims: Collection[ClaimId]) -> dict[ClaimId, list[Loaded]]:
        """The receipts of these claims and of their replays, each with the version of the workflow that wrote it."""
        ...

    def begin(self, lease: Lease, claims: Sequence[Claim], *, now: datetime) -> None:
        """Drop what is still to be done to the objects of these files, and hold the files; all or none.

        Raises:
            RequestWrong: a delete was sent, or a file has moved on since it was read.
        """
        ...

    def finish(self, lease: Lease, claim: ClaimId, *, now: datetime) -> None:
        """The rows of a file are out everywhere: it is as if it had never been loaded, and it waits."""
        ...


class Logs(Protocol):
    """What runs did, in lines for people. Never the content of a cell."""

    def say(
        self, run: RunId, lease: Lease, level: str, what: str, *, task: str | None, now: datetime
    ) -> None:
        """Add a line; a run that says very much is cut off with a last one."""
        ...


class Pauses(Protocol):
    """When no object may be acted on, and what tells so: receipts that the ledger cannot explain."""

    def paused(self) -> Pause | None: ...

    def pause(self, pause: Pause) -> Pause:
        """Let no object be acted on; a pause that is there already stays."""
        ...

    def resume(self) -> None: ...

    def look_from(self, destination: str, *, but: RunId | None = None) -> datetime:
        """Since when a destination may have receipts that the ledger lost: the last that it knows, or a person
        confirmed. ``but``: a run whose own receipts do not count, for they came after the loss.
        """
        ...

    def last_load(self, destination: str) -> LoadId | None:
        """The last that the ledger knows there; None where it knows of none."""
        ...

    def unexplained(self, destination: str, receipts: Collection[Receipt]) -> tuple[Receipt, ...]:
        """Those of a destination's receipts that no file of this ledger can have brought."""
        ...


class Schedules(Protocol):
    """Up to when each trigger of each workflow is settled, and the runs that follow from it."""

    def marks(self) -> dict[tuple[str, str], datetime]:
        """Up to when what has a mark is settled, by workflow and mark."""
        ...

    def begin(self, workflow: str, mark: str, *, now: datetime) -> None:
        """Watch what was never seen before: what came before now is no concern of ours."""
        ...

    def settle(self, workflow: str, mark: str, *, settled: datetime, until: datetime) -> bool:
        """Move a mark that still stands where it was read; nothing is asked."""
        ...

    def fire(
        self, workflow: str, mark: str, *, settled: datetime, until: datetime, trigger: str, now: datetime
    ) -> Run | None:
        """Move a mark and ask a run, or do neither.

        None where somebody else moved it, or the workflow was switched off or deleted meanwhile.
        """
        ...

    def follow(self, followers: Iterable[tuple[str, AfterWorkflow]], *, now: datetime) -> tuple[Run, ...]:
        """Ask the workflows that begin after others: once for each run that finished since the last call."""
        ...

    def act(self, *, now: datetime) -> tuple[Run, ...]:
        """Ask runs for the actions that are due, also of workflows that are switched off."""
        ...


class Probes(Protocol):
    """Which preconditions a store honours, as it was found out."""

    def find(self, store: StoreId, bucket: str) -> dict[Precondition, Honoured]: ...

    def record(
        self, store: StoreId, bucket: str, precondition: Precondition, honoured: Honoured, *, now: datetime
    ) -> None: ...


class Definitions(Protocol):
    """Workflows as they stand."""

    def all(self) -> tuple[Workflow, ...]: ...

    def readable(self) -> tuple[Workflow, ...]:
        """Without those that this version cannot read: for those who must not stop for the sake of one."""
        ...

    def of_run(self, run: Run) -> Definition:
        """The run's own version, later ones and a deletion notwithstanding."""
        ...
