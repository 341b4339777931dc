"""Deletes old history according to the operator's setting."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from bucketlift.errors import RequestWrong
from bucketlift.ledger.maintenance.trimming import Place, Trimming
from bucketlift.logs import log
from bucketlift.service.core.app import App

PASS_EVERY = timedelta(hours=6)
"""The interval in which a service process deletes old history."""


@dataclass(slots=True, kw_only=True)
class Trim:
    """Deletes history that is older than ``days``. Each short step continues after the previous one."""

    app: App
    days: int
    runs: int = 0
    emptied: int = 0
    notices: int = 0
    over: bool = False
    _after: Place | None = field(default=None)

    def step(self) -> None:
        before, trimming = self.app.now() - timedelta(days=self.days), Trimming(self.app.ledger.database)
        if some := trimming.notices(before):
            self.notices += some
            return
        done = trimming.runs(before, after=self._after)
        self.runs, self.emptied = self.runs + done.runs, self.emptied + done.emptied
        self._after, self.over = done.after, done.after is None


def trim(app: App, days: int) -> Trim:
    """Delete all history that is older than ``days`` and to which nothing refers.

    Raises:
        RequestWrong: ``days`` is less than 1.
    """
    if days < 1:
        raise RequestWrong(
            "History is kept for at least one day", to=str(days), hint="For example --days 90."
        )
    done = Trim(app=app, days=days)
    while not done.over:
        done.step()
    return done


class Trimmer:
    """Deletes old history again and again in a loop, if the setting limits the history."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._pass: Trim | None = None

    def step(self) -> float | None:
        """Do one step. Returns the seconds until the next step; None for the usual interval of the loop."""
        if self._app.keep_history_days is None:
            return None
        current = self._pass or Trim(app=self._app, days=self._app.keep_history_days)
        current.step()
        self._pass = None if current.over else current
        if not current.over:
            return 0.0
        if current.runs or current.notices:
            log.info("history trimmed", runs=current.runs, notices=current.notices)
        return None
