"""Event calls that started runs.

The proof of a call is valid only once, and the fields of the event are stored with the run.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bucketlift.ledger import tables
from bucketlift.ledger.db.database import Database, aware
from bucketlift.ledger.runs.runs import ask
from bucketlift.model.run import Run

_events = tables.events


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    at: datetime
    fields: Mapping[str, Any]
    """The fields of the event. A field that the call does not contain is None."""


class Events:
    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(
        self,
        workflow: str,
        version: int,
        *,
        mark: str,
        trigger: str,
        fields: Mapping[str, Any],
        now: datetime,
    ) -> tuple[Run | None, str]:
        """Queue a run for a call, and store the call's identity (``mark``) in the same transaction. If a run
        is queued already, the call is added to it.

        If a call with this identity was stored before, the run is None and the ID is that of the earlier run.
        """
        mine = (_events.c.workflow == workflow) & (_events.c.mark == mark)
        with self._database.writing() as connection:
            known = connection.scalar(sa.select(_events.c.run).where(mine))
            if known is not None:
                return None, str(known)
            run = ask(connection, workflow, version, trigger=trigger, now=now)
            row = {"workflow": workflow, "mark": mark, "run": run.id, "fields": dict(fields), "at": now}
            connection.execute(sa.insert(_events).values(**row))
            return run, run.id

    def of_run(self, run: str) -> tuple[Event, ...]:
        """Return the calls for which a run was queued, oldest first."""
        query = sa.select(_events).where(_events.c.run == run).order_by(_events.c.at, _events.c.mark)
        with self._database.reading() as connection:
            rows = connection.execute(query).all()
        return tuple(Event(at=aware(row.at) or row.at, fields=row.fields) for row in rows)
