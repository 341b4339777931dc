"""The outbox: actions on source objects that are pending after the commit, and their progress."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa

from bucketlift.errors import IllegalMove
from bucketlift.ledger import tables
from bucketlift.ledger.claims.transitions import move_claims
from bucketlift.ledger.db.bulk import chunks, insert_many, known_values, update_many
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.db.json_codec import dump, load_action
from bucketlift.ledger.db.rows import CLAIM_COLUMNS, Row, claim_of
from bucketlift.model.claim import SOURCE_REPLACED, ClaimId, Delayed, PendingAction
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import Lease, RunId
from bucketlift.model.source import Place
from bucketlift.model.transition import Transition
from bucketlift.model.workflow import AfterImport, Keep
from bucketlift.rules.schedules.clock import CLOCK_STEP

_outbox, _claims, _sources = tables.outbox, tables.claims, tables.source_objects


class ActionState(StrEnum):
    WAITING = "waiting"
    COPIED = "copied"
    SENT = "sent"
    """The delete request was sent, and its answer is not known yet."""
    HELD = "held"
    DONE = "done"
    DROPPED = "dropped"


_PROGRESS = ("place_bucket", "place_key", "note", "held_by", "sent_at")
"""The columns that contain the progress of an action."""
PENDING = [ActionState.WAITING.value, ActionState.COPIED.value, ActionState.SENT.value]


class Outbox:
    """The durable queue of actions. An action is written in the same transaction that records its file as
    committed.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def commit(
        self, lease: Lease, files: Sequence[tuple[ClaimId, AfterImport]], *, now: datetime
    ) -> frozenset[ClaimId]:
        """Record that files are committed in all destinations, and queue the actions on their objects.

        Later changes of the workflow do not change a queued action. A file without an action (keep) is done
        immediately. A file that a person has put on hold is not changed. Returns the committed files.
        """
        with self._database.writing(lease) as connection:
            transitions = [
                Transition(
                    claim=claim,
                    was=FileState.STAGED,
                    to=FileState.DONE if isinstance(action, Keep) else FileState.COMMITTED,
                )
                for claim, action in files
            ]
            loadable = move_claims(connection, transitions, now=now)
            files = [(claim, action) for claim, action in files if claim in loadable]
            for some in chunks(loadable):
                connection.execute(
                    sa.update(_claims)
                    .where(_claims.c.id.in_(some), _claims.c.loaded_at.is_(None))
                    .values(loaded_at=now)
                )
            known = known_values(connection, _outbox.c.claim, loadable)
            actions = [
                {
                    "claim": claim,
                    "workflow": lease.workflow,
                    "action": dump(AfterImport, action),
                    "state": ActionState.WAITING.value,
                    "due_at": now + action.delay,
                    "updated_at": now,
                    "tries": 0,
                }
                for claim, action in files
                if not isinstance(action, Keep)
            ]
            insert_many(connection, _outbox, [each for each in actions if each["claim"] not in known])
            # A file that was unloaded and loaded again: its first action was dropped.
            anew = {"was": ActionState.DROPPED.value, **dict.fromkeys(_PROGRESS)}
            again = [each | anew for each in actions if each["claim"] in known]
            update_many(connection, _outbox, ("claim",), again, was="state")
        return loadable

    def due(
        self, workflow: str, *, now: datetime, limit: int, after: ClaimId | None = None
    ) -> list[PendingAction]:
        """The actions that are due now, ordered by claim ID. ``after`` is the last claim of the previous
        page.
        """
        query = (
            sa.select(
                *CLAIM_COLUMNS,
                _outbox.c.action.label("outbox_action"),
                _outbox.c.state.label("outbox_state"),
                _outbox.c.place_key,
            )
            .join(_claims, _claims.c.id == _outbox.c.claim)
            .join(_sources, _sources.c.id == _claims.c.source)
            .where(_outbox.c.workflow == workflow, _outbox.c.state.in_(PENDING), _outbox.c.due_at <= now)
            .order_by(_claims.c.id)
            .limit(limit)
        )
        if after is not None:
            query = query.where(_claims.c.id > after)
        with self._database.reading() as connection:
            return [_pending(row) for row in connection.execute(query)]

    def copied(self, lease: Lease, done: Sequence[tuple[ClaimId, Place]], *, now: datetime) -> set[ClaimId]:
        """Record verified copies and their places. Returns the claims whose action is still pending."""
        if not done:
            return set()
        with self._database.writing(lease) as connection:
            pending = _pending_among(connection, [claim for claim, _ in done])
            still = [(claim, place) for claim, place in done if claim in pending]
            update_many(
                connection,
                _outbox,
                ("claim",),
                [
                    {
                        "claim": claim,
                        "state": ActionState.COPIED.value,
                        "place_bucket": place.bucket,
                        "place_key": place.key,
                        "updated_at": now,
                    }
                    for claim, place in still
                ],
            )
            move_claims(
                connection,
                [Transition(claim=claim, to=FileState.ACTING, moved_to=str(place)) for claim, place in still],
                now=now,
            )
        return pending

    def send(self, lease: Lease, claims: Collection[ClaimId], *, now: datetime) -> set[ClaimId]:
        """Record deletes as sent, just before the requests are sent. Returns the claims whose delete may be
        sent.

        Actions that a person has held are left out.
        """
        with self._database.writing(lease) as connection:
            marked = _pending_among(connection, claims)
            connection.execute(
                sa.update(_outbox)
                .where(_outbox.c.claim.in_(marked))
                .values(state=ActionState.SENT.value, sent_at=now, tries=_outbox.c.tries + 1, updated_at=now)
            )
            move_claims(
                connection, [Transition(claim=claim, to=FileState.ACTING) for claim in marked], now=now
            )
        return marked

    def finish(
        self, lease: Lease, results: Sequence[tuple[ClaimId, bool, str | None]], *, now: datetime
    ) -> None:
        """Finish the actions on these objects. Each result is (claim, removed, note).

        ``removed``: there is no object under the key any more. If the same bytes appear there again, they are
        a new arrival.
        """
        if not results:
            return
        with self._database.writing(lease) as connection:
            pending = _pending_among(connection, [claim for claim, _, _ in results])
            results = [each for each in results if each[0] in pending]
            update_many(
                connection,
                _outbox,
                ("claim",),
                [
                    {"claim": claim, "state": ActionState.DONE.value, "note": note, "updated_at": now}
                    for claim, _, note in results
                ],
            )
            move_claims(connection, [_ended(*each) for each in results], now=now)
            gone = [claim for claim, removed, _ in results if removed]
            theirs = sa.select(_claims.c.source).where(_claims.c.id.in_(gone))
            connection.execute(sa.update(_sources).where(_sources.c.id.in_(theirs)).values(removed_at=now))

    def reopen(self, lease: Lease, claims: Collection[ClaimId], *, now: datetime) -> None:
        """Make actions pending again that ended because the object seemed to be replaced."""
        if not claims:
            return
        replaced = _claims.c.reason == SOURCE_REPLACED
        with self._database.writing(lease) as connection:
            ended = known_values(connection, _claims.c.id, claims, replaced)
            done = known_values(connection, _outbox.c.claim, ended, _outbox.c.state == ActionState.DONE.value)
            waiting = {"state": ActionState.WAITING.value, "note": None, "due_at": now, "updated_at": now}
            update_many(connection, _outbox, ("claim",), [{"claim": claim, **waiting} for claim in done])
            move_claims(
                connection, [Transition(claim=claim, to=FileState.COMMITTED) for claim in done], now=now
            )

    def hold(
        self, lease: Lease, run: RunId, held: Sequence[tuple[ClaimId, str, str, str]], *, now: datetime
    ) -> None:
        """Hold actions of loaded files until a person decides. Each item is (claim, reason, what, hint)."""
        if not held:
            return
        with self._database.writing(lease) as connection:
            pending = _pending_among(connection, [claim for claim, _, _, _ in held])
            held = [each for each in held if each[0] in pending]
            update_many(
                connection,
                _outbox,
                ("claim",),
                [
                    {
                        "claim": claim,
                        "state": ActionState.HELD.value,
                        "note": what,
                        "held_by": run,
                        "updated_at": now,
                    }
                    for claim, _, what, _ in held
                ],
            )
            transitions = [
                Transition(claim=claim, to=FileState.ACTION_HELD, reason=reason, what=what, hint=hint)
                for claim, reason, what, hint in held
            ]
            move_claims(connection, transitions, now=now)

    def note(self, lease: Lease, notes: Sequence[tuple[ClaimId, str]], *, now: datetime) -> None:
        """Record why an action waits: another workflow has not finished with the object, or another attempt
        follows.
        """
        if not notes:
            return
        with self._database.writing(lease) as connection:
            update_many(
                connection,
                _outbox,
                ("claim",),
                [{"claim": claim, "note": note, "updated_at": now} for claim, note in notes],
            )
            rows = [{"id": claim, "what": note, "updated_at": now} for claim, note in notes]
            update_many(connection, _claims, ("id",), rows)

    def decide(self, transition: Transition, action: ActionState, *, now: datetime) -> bool:
        """Apply a person's decision about a pending or held action.

        Returns False if a delete was already sent, or if the file's state no longer allows this decision.
        """
        changeable = [ActionState.WAITING.value, ActionState.COPIED.value, ActionState.HELD.value]
        mine = sa.and_(_outbox.c.claim == transition.claim, _outbox.c.state.in_(changeable))
        with self._database.writing() as connection:
            if connection.scalar(sa.select(_outbox.c.claim).where(mine)) is None:
                return False
            try:
                move_claims(connection, [transition], now=now)
            except IllegalMove:
                return False
            connection.execute(sa.update(_outbox).where(mine).values(state=action.value, updated_at=now))
            return True

    def delayed(self, claims: Collection[ClaimId]) -> dict[ClaimId, Delayed]:
        """For each claim whose action is delayed, or was held during its delay, the action."""
        found: dict[ClaimId, Delayed] = {}
        states = [ActionState.WAITING.value, ActionState.HELD.value]
        with self._database.reading() as connection:
            for some in chunks(claims):
                query = sa.select(_outbox).where(_outbox.c.claim.in_(some), _outbox.c.state.in_(states))
                for row in connection.execute(query):
                    action, due_at = load_action(row.action), aware(row.due_at)
                    if not isinstance(action, Keep) and action.delay and due_at is not None:
                        found[ClaimId(row.claim)] = Delayed(action=action.action, due_at=due_at)
        return found

    def count(self, workflow: str) -> int:
        """The number of loaded files of a workflow whose action is pending or held."""
        query = sa.select(sa.func.count()).where(
            _outbox.c.workflow == workflow, _outbox.c.state.in_([*PENDING, ActionState.HELD.value])
        )
        with self._database.reading() as connection:
            return connection.scalar(query) or 0


def delayed_before_clock_step(now: datetime) -> sa.ColumnElement[bool]:
    """The SQL condition for delayed actions that were recorded before the clock was set back."""
    return sa.and_(
        _outbox.c.state == ActionState.WAITING.value,
        _outbox.c.updated_at > now + CLOCK_STEP,
        _outbox.c.due_at > now,
    )


def count_from_now(database: Database, now: datetime) -> None:
    """Restart the delay of the actions that were recorded before the clock was set back.

    Without this, they would wait longer, by the time by which the clock was set back.
    """
    with database.writing() as connection:
        found = connection.execute(sa.select(_outbox).where(delayed_before_clock_step(now))).all()
        rows = [
            {"claim": row.claim, "due_at": now + _delay(load_action(row.action)), "updated_at": now}
            for row in found
        ]
        update_many(connection, _outbox, ("claim",), rows)


def _delay(action: AfterImport) -> timedelta:
    return timedelta() if isinstance(action, Keep) else action.delay


def _ended(claim: ClaimId, removed: bool, note: str | None) -> Transition:  # noqa: FBT001 - as in a result
    gone = "already-gone" if removed else SOURCE_REPLACED
    return Transition(
        claim=claim, to=FileState.DONE, reason=None if note is None else gone, what=note, hint=None
    )


def _pending_among(connection: sa.Connection, claims: Collection[ClaimId]) -> set[ClaimId]:
    """Those of the claims whose action is pending: it is not done, and no person has held or dropped it."""
    return known_values(connection, _outbox.c.claim, claims, _outbox.c.state.in_(PENDING))


def _pending(row: Row) -> PendingAction:
    claim = claim_of(row)
    return PendingAction(
        claim=claim.id,
        source=claim.source,
        workflow=claim.workflow,
        task=claim.task,
        action=load_action(row.outbox_action),
        sha256=claim.sha256 or "",
        copied_to=row.place_key,
        sent=row.outbox_state == ActionState.SENT,
    )
