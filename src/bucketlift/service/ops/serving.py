"""The service process: it executes queued runs, follows schedules, and sends notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bucketlift.errors import BucketliftError
from bucketlift.model.worker import WorkerKind
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.core.fleet import can_do
from bucketlift.service.ops import notices
from bucketlift.service.ops.backup_copy import delete_left_copies
from bucketlift.service.ops.loops import Loop
from bucketlift.service.ops.trimming import PASS_EVERY, Trimmer

if TYPE_CHECKING:
    from bucketlift.engine.worker.engine import Engine
    from bucketlift.engine.worker.worker import Worker

LOOK = 0.5
"""Seconds between two checks for queued runs."""
DELIVER = 5.0
"""Seconds between two checks for due notices."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A running service process and its health."""

    app: App
    engine: Engine
    worker: Worker
    loops: tuple[Loop, ...]

    def hand_over(self) -> None:
        """Let other workers continue the runs in progress. Each run stops before its next step."""
        self.engine.hand_over()

    def health(self) -> dict[str, Any]:
        """The health of the process; if it is not ready, with the reason."""
        stuck = [loop.name for loop in self.loops if loop.stuck]
        ledger = self._ledger()
        return {
            "ready": not stuck and ledger == "ok" and not self.engine.presence.draining,
            "draining": self.engine.presence.draining,
            "ledger": ledger,
            "stuck": stuck,
            "worker": self.engine.presence.id,
            "name": self.engine.presence.name,
            "busy": sorted(self.worker.busy),
        }

    def _ledger(self) -> str:
        try:
            self.app.ledger.workers.all()
        except BucketliftError:
            return "away"
        return "ok"


@contextmanager
def serving(app: App, kind: WorkerKind) -> Iterator[Serving]:
    """Serve until the block ends. Then start no new work, and wait for running work."""
    from bucketlift.engine.worker.ticker import LOOK_EVERY  # noqa: PLC0415 - slow import
    from bucketlift.engine.worker.worker import Worker  # noqa: PLC0415 - slow import

    delete_left_copies(app.home)
    with app.engine(no_progress, kind) as engine:
        worker = Worker(engine, app.ledger.runs, mine=lambda workflow: can_do(app, workflow, app.worker))
        loops = (
            Loop(name="runs", action=worker.look, every=LOOK),
            Loop(name="schedules", action=_ticking(app), every=LOOK_EVERY.total_seconds()),
            Loop(name="notices", action=_delivering(app), every=DELIVER),
            Loop(name="history", action=Trimmer(app).step, every=PASS_EVERY.total_seconds()),
        )
        with worker:
            with ExitStack() as running:
                for loop in loops:
                    running.enter_context(loop)
                yield Serving(app=app, engine=engine, worker=worker, loops=loops)
            engine.presence.drain()


def _delivering(app: App) -> Callable[[], None]:
    def deliver() -> None:
        notices.deliver(app)

    return deliver


def _ticking(app: App) -> Callable[[], float]:
    """A function that queues the runs that are due by their schedules. It returns the seconds until its next
    call.
    """
    from bucketlift.engine.worker.ticker import Ticker  # noqa: PLC0415 - slow import

    ticker = Ticker(definitions=app.ledger.catalog, schedules=app.ledger.schedules, clock=app.clock)

    def tick() -> float:
        ticked = ticker.tick()
        return max(0.0, (ticked.look_at - app.now()).total_seconds())

    return tick
