"""A run in one process: a real ledger and spool, a bucket and a destination in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar

from bucketlift.engine.drive import drive
from bucketlift.engine.spool import Spool
from bucketlift.engine.work import Tools, Work
from bucketlift.ledger.catalog import Catalog
from bucketlift.ledger.database import Database
from bucketlift.ledger.files import Files
from bucketlift.ledger.outbox import Outbox
from bucketlift.ledger.runs import Runs
from bucketlift.ledger.survey import Survey
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import Run
from bucketlift.model.source import SourceObject, StoreId
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.service.app import unheard
from bucketlift.testing.memory_loader import MemoryLoader
from bucketlift.testing.memory_store import MemoryStore
from builders import NOON, a_workflow

P = ParamSpec("P")
T = TypeVar("T")


class Died(BaseException):
    """The process ends here, as SIGKILL would end it."""


class StoppedClock:
    def now(self) -> datetime:
        return NOON


class Store(MemoryStore):
    """A store whose reading of chosen keys kills the worker."""

    deadly: frozenset[str] = frozenset()

    @contextmanager
    def open(self, source: SourceObject) -> Iterator[BinaryIO]:
        if source.key in self.deadly:
            raise Died(source.key)
        with super().open(source) as body:
            yield body


class Connected:
    """One bucket store and one destination, whatever their names."""

    def __init__(self, store: Store, loader: MemoryLoader) -> None:
        self._store = store
        self._loader = loader

    def store(self, task: ExtractTask) -> Store:
        return self._store

    def loader(self, destination: str) -> MemoryLoader:
        return self._loader

    def store_id(self, account: str) -> StoreId:
        return StoreId("aws")

    def accepts_weak_store(self, account: str) -> bool:
        return False


@dataclass
class Bench:
    """Runs workflows step by step, without the engine that remembers steps."""

    folder: Path
    database: Database
    store: Store
    loader: MemoryLoader = field(default_factory=MemoryLoader)

    def tools(self) -> Tools:
        return Tools(
            runs=Runs(self.database),
            files=Files(self.database),
            outbox=Outbox(self.database),
            survey=Survey(self.database),
            definitions=Catalog(self.database),
            connections=Connected(self.store, self.loader),
            spool=Spool(self.folder / "spool"),
            clock=StoppedClock(),
            progress=unheard,
        )

    def run(self, workflow: Workflow | None = None) -> Run:
        """Ask for a run and drive it to its end, or to the worker's death."""
        workflow = workflow or a_workflow()
        catalog, tools = Catalog(self.database), self.tools()
        catalog.save(workflows=(workflow,), now=NOON)
        version = catalog.workflow(workflow.key).version
        unfinished = tools.runs.unfinished(workflow.key)
        run = (
            unfinished[0]
            if unfinished
            else Runs(self.database).ask(workflow.key, version, trigger="demand", now=NOON)
        )
        lease = tools.runs.take_lease(workflow.key, "worker", lambda _: False)
        assert lease is not None
        tools.runs.begin(run.id, lease, worker="worker", now=NOON)
        work = Work(tools=tools, run=run.id, lease=lease, definition=catalog.of_run(run))
        drive(work, _straight)
        return tools.runs.get(run.id)

    def retry(self, key: str) -> None:
        files = Files(self.database)
        (claim,) = [each for each in files.find() if each.source.key == key]
        files.change(claim.id, claim.state, now=NOON, state=FileState.RETRYING.value)

    def states(self) -> dict[str, tuple[str, str | None]]:
        found = Files(self.database).find()
        return {claim.source.key: (claim.state.value, claim.reason) for claim in found}


def _straight(name: str, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    return do(*args, **kwargs)
