"""The only code that writes a claim's state. It checks each transition against the lifecycle."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.bulk import chunks, insert_many, update_many
from bucketlift.ledger.db.rows import stored
from bucketlift.model.claim import ClaimId, Pinned
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import RunId
from bucketlift.model.transition import Content, Transition
from bucketlift.rules.lifecycle import move

_claims = tables.claims


def move_claims(
    connection: sa.Connection, transitions: Sequence[Transition], *, now: datetime
) -> frozenset[ClaimId]:
    """Apply transitions. Returns the claims whose state was changed.

    A claim whose state has changed since it was read is skipped, because a person has changed it.

    Raises:
        IllegalMove: the lifecycle has no transition from the claim's state to the new one.
    """
    states = current_states(connection, (each.claim for each in transitions))
    moving = [each for each in transitions if each.claim in states and each.was in (None, states[each.claim])]
    for each in moving:
        _require_arrow(states[each.claim], each.to)
    update_many(connection, _claims, ("id",), [_columns(each, now) for each in moving])
    return frozenset(each.claim for each in moving)


def move_all(
    connection: sa.Connection,
    which: sa.ColumnElement[bool],
    states: Collection[FileState],
    to: FileState,
    *,
    reason: str,
    what: str | sa.ColumnElement[str],
    hint: str | None,
    now: datetime,
) -> None:
    """Change all matching claims that are in one of these states to the new state. One statement changes any
    number of claims.

    Raises:
        IllegalMove: the lifecycle has no transition from one of the states to the new one.
    """
    for state in states:
        _require_arrow(state, to)
    explained = {"reason": reason, "what": what, "hint": hint}
    connection.execute(
        sa.update(_claims)
        .where(which, _claims.c.state.in_(stored(states)))
        .values(state=to.value, suspicion=None, updated_at=now, **explained)
    )


def pin_claims(
    connection: sa.Connection,
    page: Sequence[tuple[Pinned, int]],
    *,
    workflow: str,
    task: str,
    run: RunId,
    now: datetime,
) -> None:
    """Set the claims on a page of objects to the state in which the run pinned them.

    Each object comes with its row ID in the ledger.

    Raises:
        IllegalMove: the lifecycle has no transition to that state.
    """
    states = current_states(connection, (pinned.claim for pinned, _ in page))
    known = [pinned for pinned, _ in page if states.get(pinned.claim) is (pinned.was or pinned.state)]
    new = [(pinned, source) for pinned, source in page if pinned.claim not in states]
    for pinned in known:
        _require_arrow(states[pinned.claim], pinned.state)
    for pinned, _ in new:
        move(FileState.FOUND, pinned.state)
    update_many(connection, _claims, ("id",), [_pinned_columns(each, run, now) for each in known])
    made = {"workflow": workflow, "task": task, "rows": 0, "rejected": 0, "load_begun": False, "deaths": 0}
    insert_many(
        connection,
        _claims,
        [{**_pinned_columns(each, run, now), **made, "source": source} for each, source in new],
    )


def current_states(connection: sa.Connection, claims: Iterable[ClaimId]) -> dict[ClaimId, FileState]:
    states: dict[ClaimId, FileState] = {}
    for some in chunks(claims):
        query = sa.select(_claims.c.id, _claims.c.state).where(_claims.c.id.in_(some))
        states |= {ClaimId(row.id): FileState(row.state) for row in connection.execute(query)}
    return states


def _require_arrow(old: FileState, new: FileState) -> None:
    if old is not new:
        move(old, new)


def _columns(transition: Transition, now: datetime) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "id": transition.claim,
        "state": transition.to.value,
        "reason": transition.reason,
        "what": transition.what,
        "hint": transition.hint,
        "suspicion": None,
        "updated_at": now,
    }
    if transition.content is not None:
        columns |= _content_columns(transition.content)
    if transition.accepted is not None:
        columns["accepted"] = sorted(transition.accepted)
    if transition.moved_to is not None:
        columns["moved_to"] = transition.moved_to
    if transition.deaths is not None:
        columns["deaths"] = transition.deaths
    return columns


def _content_columns(content: Content) -> dict[str, Any]:
    shape = content.shape
    return {
        "rows": content.rows,
        "rejected": content.rejected,
        "sha256": content.sha256,
        "notes": list(content.notes),
        "shape": None if shape is None else {"columns": dict(shape.columns), "width": shape.width},
        "contract": content.contract,
    }


def _pinned_columns(pinned: Pinned, run: RunId, now: datetime) -> dict[str, Any]:
    unread = {"rows": 0, "rejected": 0} if pinned.state is FileState.CLAIMED else {}
    return {
        "id": pinned.claim,
        "state": pinned.state.value,
        "reason": pinned.reason,
        "what": pinned.what,
        "hint": pinned.hint,
        "suspicion": None,
        "run": run,
        "updated_at": now,
        **unread,
    }
