"""A process that stands by: it does the runs that wait, keeps the schedules, and sends the notices."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from bucketlift.errors import BucketliftError
from bucketlift.model.worker import WorkerKind
from bucketlift.service.app import App, unheard
from bucketlift.service.fleet import can_do
from bucketlift.service.loops import Loop

if TYPE_CHECKING:
    from bucketlift.engine.engine import Engine
    from bucketlift.engine.worker import Worker

LOOK = 0.5
"""Seconds between two looks for runs that wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """What such a process can tell of itself, and how it is told to go quicker."""

    app: App
    engine: Engine
    worker: Worker
    loops: tuple[Loop, ...]

    def hand_over(self) -> None:
        """Leave begun runs to others at their next step, rather than wait for their end."""
        self.engine.hand_over()

    def health(self) -> dict[str, Any]:
        """Whether it can do its work now, and what hinders it."""
        stuck = [loop.name for loop in self.loops if loop.stuck]
        ledger = self._ledger()
        return {
            "ready": not stuck and ledger == "ok",
            "ledger": ledger,
            "stuck": stuck,
            "worker": self.engine.presence.id,
            "name": self.engine.presence.name,
            "busy": sorted(self.worker.busy),
        }

    def _ledger(self) -> str:
        try:
            self.app.workers.all()
        except BucketliftError as error:
            return error.what
        return "ok"


@contextmanager
def serving(app: App, kind: WorkerKind) -> Iterator[Serving]:
    """Stand by until the block ends; then take nothing new, and give what was begun its time."""
    from bucketlift.engine.worker import Worker  # noqa: PLC0415 - imports what reads files

    with app.engine(unheard, kind) as engine:
        worker = Worker(engine, app.runs, mine=lambda workflow: can_do(app, workflow, app.worker))
        loops = _loops(app, worker)
        with worker:
            with ExitStack() as running:
                for loop in loops:
                    running.enter_context(loop)
                yield Serving(app=app, engine=engine, worker=worker, loops=loops)
            engine.presence.drain()


def _loops(app: App, worker: Worker) -> tuple[Loop, ...]:
    turns: dict[str, tuple[Callable[[], float | None], float]] = {
        "runs": (worker.look, LOOK),
    }
    return tuple(Loop(name=name, turn=turn, every=every) for name, (turn, every) in turns.items())
