"""The one module that knows every concrete class: puts an installation together from its settings."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.errors import RequestWrong
from bucketlift.ledger.catalog import Catalog
from bucketlift.ledger.counts import Counts
from bucketlift.ledger.files import Files
from bucketlift.ledger.installation import Installation
from bucketlift.ledger.manifests import Manifests
from bucketlift.ledger.outbox import Outbox
from bucketlift.ledger.probes import Probes
from bucketlift.ledger.runs import Runs
from bucketlift.ledger.secrets import Secrets
from bucketlift.ledger.sqlite import open_file
from bucketlift.ledger.survey import Survey
from bucketlift.model.account import S3Compatible
from bucketlift.model.source import StoreId
from bucketlift.model.workflow import ExtractTask
from bucketlift.ports import Loader, ObjectStore, Progress
from bucketlift.service.app import App
from bucketlift.settings import Settings
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.engine.durable import Engine
    from bucketlift.engine.work import Tools


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Connections:
    """Opens stores and loaders by name; each account's store is opened once per task."""

    def __init__(
        self, catalog: Catalog, vault: Vault, installation: Installation, settings: Settings
    ) -> None:
        self._catalog = catalog
        self._vault = vault
        self._installation = installation
        self._settings = settings
        self._stores: dict[tuple[str, ExtractTask], ObjectStore] = {}
        self._lock = threading.Lock()
        self._open = ExitStack()

    def store(self, workflow: str, task: ExtractTask) -> ObjectStore:
        with self._lock:
            if (workflow, task) not in self._stores:
                self._stores[workflow, task] = self._opened(workflow, task)
            return self._stores[workflow, task]

    def _opened(self, workflow: str, task: ExtractTask) -> ObjectStore:
        from bucketlift.rules.iam import session_name, session_policy
        from bucketlift.stores.s3 import open_store

        account = self._catalog.account(task.account).settings
        keys, policy = None, None
        if isinstance(account, S3Compatible):
            keys = (self._vault.reveal(account.access_key), self._vault.reveal(account.secret_key))
        else:
            policy = session_policy(task.selection, task.after_import, account.store)
        store = open_store(
            account,
            keys=keys,
            session_policy=policy,
            session_name=session_name(self._installation.id(), workflow),
            multipart_threshold=self._settings.multipart_threshold,
        )
        self._open.callback(store.close)
        return store

    def loader(self, destination: str) -> Loader:
        from bucketlift.loaders.duckdb import DuckdbLoader

        return DuckdbLoader(Path(self._catalog.destination(destination).settings.path))

    def store_id(self, account: str) -> StoreId | None:
        known = self._catalog.accounts().get(account)
        return None if known is None else known.settings.store

    def accepts_weak_store(self, account: str) -> bool:
        settings = self._catalog.account(account).settings
        return isinstance(settings, S3Compatible) and settings.accept_weak_store

    def close(self) -> None:
        self._open.close()


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RequestWrong(
            f"The home cannot be made ({error.strerror})",
            to=str(home),
            hint="Name one that you may write to: BUCKETLIFT_HOME.",
        ) from error


@contextmanager
def open_app(settings: Settings) -> Iterator[App]:
    """An installation: its home is made where it is absent.

    Raises:
        NotAvailable: a setting of a later version is set.
        RequestWrong: the ledger was written by a newer version.
    """
    settings.require_available()
    home = settings.home
    _make(home)
    database = open_file(home / "ledger.sqlite")
    catalog, vault = Catalog(database), Vault(Secrets(database), settings.key_file or home / "key")
    connections = Connections(catalog, vault, Installation(database), settings)
    clock = SystemClock()
    runs, files, survey = Runs(database), Files(database), Survey(database)
    outbox, probes, counts = Outbox(database), Probes(database), Counts(database)

    def tools(spool: Path, progress: Progress) -> Tools:
        from bucketlift.engine.spool import Spool
        from bucketlift.engine.work import Tools

        return Tools(
            runs=runs,
            manifests=Manifests(database),
            files=files,
            counts=counts,
            outbox=outbox,
            probes=probes,
            survey=survey,
            definitions=catalog,
            connections=connections,
            spool=Spool(spool, quota=settings.spool_bytes),
            clock=clock,
            progress=progress,
        )

    @contextmanager
    def engine(progress: Progress) -> Iterator[Engine]:
        from bucketlift.engine.durable import Engine
        from bucketlift.engine.processes import Process
        from bucketlift.logs import is_said, log_to_stderr

        # All is imported now: from here on a long run makes garbage, and it is collected.
        gc.enable()

        if not is_said():
            log_to_stderr()

        with (
            Process(home / "workers") as process,
            Engine(
                file=home / "engine.sqlite",
                process=process,
                tools=tools(home / "spool" / process.id, progress),
            ) as opened,
        ):
            yield opened

    try:
        yield App(
            home=home,
            clock=clock,
            catalog=catalog,
            runs=runs,
            files=files,
            counts=counts,
            outbox=outbox,
            probes=probes,
            survey=survey,
            vault=vault,
            connections=connections,
            tools=tools,
            engine=engine,
            aws_account_id=settings.aws_account_id,
        )
    finally:
        connections.close()
        database.close()
