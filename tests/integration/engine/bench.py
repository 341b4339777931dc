"""A run in one process: a real ledger and spool, a bucket and a destination in memory."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any, BinaryIO

from bucketlift.bootstrap import Codecs
from bucketlift.engine.context.cancel import StandingCache
from bucketlift.engine.context.run_context import RunContext, Services
from bucketlift.engine.context.spool import Spool
from bucketlift.engine.drive import drive
from bucketlift.engine.worker.engine import Engine
from bucketlift.errors import (
    AccessRefused,
    BucketliftError,
    DestinationRefused,
    RequestWrong,
    StoreUnavailable,
)
from bucketlift.ledger.claims.claims import Claims
from bucketlift.ledger.claims.manifests import Manifests
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.ledger import Ledger
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.secrets.keys import Keys
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.model.account import Destination, DuckdbDestination
from bucketlift.model.claim import Claim
from bucketlift.model.run import Run
from bucketlift.model.source import ListedObject, Place, Selection, SourceObject, StoreId
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.ports import Directory
from bucketlift.service.core.app import no_limit, no_progress
from bucketlift.service.files import decisions
from bucketlift.settings import Settings
from bucketlift.testing.memory_loader import MemoryLoader
from bucketlift.testing.memory_store import MemoryStore
from bucketlift.vault import Vault
from builders import NOON, a_workflow


class Died(BaseException):
    """The process ends here, as SIGKILL would end it."""


class Unsealed(Manifests):
    """The process ends when all is pinned and nothing is sealed."""

    def seal(self, *arguments: Any, **named: Any) -> None:
        raise Died("before sealing")


@dataclass
class StoppedClock:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


def _nothing(key: str) -> None:
    pass


class Store(MemoryStore):
    """A store that fails where a test wants it to, and that calls the test back beside its effects."""

    deadly: frozenset[str] = frozenset()
    archived: frozenset[str] = frozenset()
    fails_deletes = False
    fails_together: frozenset[str] = frozenset()
    calls_together = 0
    named = StoreId("memory")
    before_reading = staticmethod(_nothing)
    before_copying = staticmethod(_nothing)
    before_deleting = staticmethod(lambda: None)

    @property
    def store(self) -> StoreId:
        return self.named

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        for listed in super().find(selection):
            yield replace(listed, archived=listed.key in self.archived)

    @contextmanager
    def open(self, source: SourceObject) -> Iterator[BinaryIO]:
        if source.key in self.deadly:
            raise Died(source.key)
        self.before_reading(source.key)
        with super().open(source) as body:
            yield body

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:
        self.before_copying(source.key)
        super().copy(source, to, storage_class=storage_class)

    def delete(self, source: SourceObject) -> None:
        if self.fails_deletes:
            raise AccessRefused("No right to delete", to=str(source))
        super().delete(source)

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        self.calls_together += 1
        self.before_deleting()
        return [
            StoreUnavailable("Not now", to=str(source))
            if source.key in self.fails_together
            else super(Store, self).delete_each([source])[0]
            for source in sources
        ]


class Connected:
    """One bucket store and one destination, whatever their names."""

    def __init__(self, store: Store, loader: MemoryLoader, busy: Collection[str]) -> None:
        self._store = store
        self._loader = loader
        self._busy = busy

    def store(self, workflow: str, task: ExtractTask) -> Store:
        return self._store

    def loader(self, destination: str) -> MemoryLoader:
        if destination in self._busy:
            raise DestinationRefused("The destination is out of order", to=destination)
        return self._loader

    def delivery(self, destination):
        return None

    def table_reader(self, destination):
        return None

    def directory(self, destination: str) -> Directory:
        raise RequestWrong("The destination is not a directory", to=destination)

    def max_parallel(self, destination: str) -> None:
        return None

    def store_id(self, account: str) -> StoreId:
        return self._store.store

    def accepts_weak_store(self, account: str) -> bool:
        return False


@dataclass
class Bench:
    """Runs workflows step by step, without the engine that takes leases."""

    folder: Path
    database: Database
    store: Store
    loader: MemoryLoader = field(default_factory=MemoryLoader)
    busy: set[str] = field(default_factory=set)
    dies_before_sealing: bool = False
    unloads: Any = None
    replays: Any = None
    """In the place of the ledger's own."""
    at_work: set[str] = field(default_factory=set)
    """Workers that live."""
    clock: StoppedClock = field(default_factory=StoppedClock)

    def ledger(self) -> Ledger:
        parts = Ledger.of(self.database)
        return replace(
            parts,
            manifests=Unsealed(self.database) if self.dies_before_sealing else parts.manifests,
            replays=self.replays or parts.replays,
            unloads=self.unloads or parts.unloads,
        )

    def services(self) -> Services:
        return Services(
            ledger=self.ledger(),
            connections=Connected(self.store, self.loader, self.busy),
            codecs=Codecs(
                Keys(self.database),
                Vault(Secrets(self.database), self.folder / "key"),
                Settings(home=self.folder),
                self.clock,
            ),
            spool=Spool(self.folder / "spool"),
            clock=self.clock,
            progress=no_progress,
            take_slot=no_limit,
        )

    def run(self, workflow: Workflow | None = None, *, trigger: str = "demand") -> Run:
        """Ask for a run and drive it to its end, or to the worker's death."""
        workflow = workflow or a_workflow()
        catalog, services = Catalog(self.database), self.services()
        catalog.save(workflows=(workflow,), now=NOON)
        version = catalog.workflow(workflow.key).version
        unfinished = services.ledger.runs.unfinished(workflow.key)
        run = (
            unfinished[0]
            if unfinished
            else Runs(self.database).ask(workflow.key, version, trigger=trigger, now=NOON)
        )
        lease = services.ledger.runs.take_lease(workflow.key, "worker", lambda _: False)
        assert lease is not None
        services.ledger.runs.begin(run.id, lease, worker="worker", now=NOON)
        context = RunContext(
            services=services,
            run=run.id,
            lease=lease,
            definition=catalog.of_run(run),
            pulse=StandingCache(every=0),
        )
        drive(context)
        return services.ledger.runs.get(run.id)

    def ask_and_run(self, workflow: Workflow) -> Run:
        """Publish a version, ask for a run of it, and drive what was asked for first."""
        catalog = Catalog(self.database)
        catalog.save(workflows=(workflow,), now=NOON)
        version = catalog.workflow(workflow.key).version
        Runs(self.database).ask(workflow.key, version, trigger="demand", now=NOON)
        return self.run(workflow)

    def retry(self, key: str) -> None:
        self.decide(decisions.retry, key)

    def decide(
        self, wish: Callable[[Claim], decisions.Decision], *keys: str, occurrence: int | None = None
    ) -> None:
        """Decide about the newest occurrence of each key, or about another one."""
        chosen = []
        for key in keys:
            claims = [each for each in self._claims() if each.source.key == key]
            numbered = [each for each in claims if each.source.occurrence == occurrence]
            chosen.append((numbered or claims)[-1].id)
        decisions.decide(self.app(), wish, chosen)

    def app(self) -> Any:
        """The installation as the services see it."""
        services = self.services()
        named = [
            Destination(name=name, settings=DuckdbDestination(path="none")) for name in ("warehouse", "busy")
        ]
        Catalog(self.database).save(destinations=tuple(named), now=NOON)
        return SimpleNamespace(
            ledger=services.ledger,
            clock=self.clock,
            connections=services.connections,
            engine=self._engine,
            now=self.clock.now,
            services=lambda spool, _progress: replace(self.services(), spool=Spool(spool)),
            worker="here",
        )

    @contextmanager
    def _engine(self, _progress: Any) -> Iterator[Engine]:
        presence: Any = SimpleNamespace(
            id="person",
            alive=self.at_work.__contains__,
            draining=False,
            going=Event(),
            has_ended=lambda _: False,
        )
        with Engine(presence=presence, services=self.services()) as engine:
            yield engine

    def id_of(self, key: str) -> str:
        """Of the newest occurrence of a key."""
        return [claim.id for claim in self._claims() if claim.source.key == key][-1]

    def rows(self, table: str = "people") -> list[tuple[object, ...]]:
        found = self.loader.tables.get(table)
        return sorted((row["id"], row["name"]) for row in found.rows) if found else []

    def states(self) -> dict[str, tuple[str, str | None]]:
        return {claim.source.key: (claim.state.value, claim.reason) for claim in self._claims()}

    def newest_state(self, key: str) -> tuple[str, str | None]:
        return self.states()[key]

    def every_state(self, key: str) -> list[str]:
        return [claim.state.value for claim in self._claims() if claim.source.key == key]

    def reasons(self, key: str) -> list[str | None]:
        return [claim.reason for claim in self._claims() if claim.source.key == key]

    def both_states(self, key: str) -> dict[str, str]:
        """Per extract task."""
        return {claim.task: claim.state.value for claim in self._claims() if claim.source.key == key}

    def _claims(self) -> list[Claim]:
        return Claims(self.database).find()
