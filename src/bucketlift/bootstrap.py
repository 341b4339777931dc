"""The one module that knows every concrete class: puts an installation together from its settings."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from bucketlift.errors import RequestWrong
from bucketlift.ledger.audit import Audit
from bucketlift.ledger.catalog import Catalog
from bucketlift.ledger.counts import Counts
from bucketlift.ledger.files import Files
from bucketlift.ledger.installation import Installation
from bucketlift.ledger.keys import Keys
from bucketlift.ledger.logs import Logs
from bucketlift.ledger.manifests import Manifests
from bucketlift.ledger.notices import Notices
from bucketlift.ledger.outbox import Outbox
from bucketlift.ledger.pauses import Pauses
from bucketlift.ledger.probes import Probes
from bucketlift.ledger.replays import Replays
from bucketlift.ledger.runs import Runs
from bucketlift.ledger.schedules import Schedules
from bucketlift.ledger.secrets import Secrets
from bucketlift.ledger.silences import Silences
from bucketlift.ledger.slots import Slots
from bucketlift.ledger.survey import Survey
from bucketlift.ledger.unloads import Unloads
from bucketlift.ledger.workers import Workers
from bucketlift.model.account import (
    AccountSettings,
    AwsKeys,
    AwsRole,
    DuckdbDestination,
    PostgresqlDestination,
    S3Compatible,
    SqliteDestination,
)
from bucketlift.model.contract import HeldReason, Hold
from bucketlift.model.examination import Examination
from bucketlift.model.packing import Unpacked
from bucketlift.model.pgp import Pgp
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.worker import WorkerKind
from bucketlift.model.workflow import AfterImport, ExtractTask
from bucketlift.ports import Clock, Loader, ObjectStore, Progress
from bucketlift.service.accounts import require_allowed
from bucketlift.service.app import App, Turn, no_turn
from bucketlift.settings import Settings
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.codecs.pgp import Keyring
    from bucketlift.engine.engine import Engine
    from bucketlift.engine.work import Tools
    from bucketlift.ledger.database import Database
    from bucketlift.stores.s3 import S3Store


_WayIn = tuple[AccountSettings, tuple[str, str] | None]
"""What an account says, and its keys."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class Connections:
    """Opens stores and loaders by name; a store is opened anew only where its account or keys have changed."""

    def __init__(
        self, catalog: Catalog, vault: Vault, installation: Installation, settings: Settings
    ) -> None:
        self._catalog = catalog
        self._vault = vault
        self._installation = installation
        self._settings = settings
        self._stores: dict[tuple[str, ExtractTask], tuple[_WayIn, ObjectStore]] = {}
        self._lock = threading.Lock()
        self._open = ExitStack()

    def store(self, workflow: str, task: ExtractTask) -> ObjectStore:
        way_in = self._way_in(task.account)
        with self._lock:
            known, store = self._stores.get((workflow, task), (None, None))
            if store is None or known != way_in:
                store = self._opened(workflow, task, way_in)
                self._stores[workflow, task] = (way_in, store)
            return store

    def _opened(self, workflow: str, task: ExtractTask, way_in: _WayIn) -> ObjectStore:
        return self._reached(workflow, way_in, task.selection, task.after_import)

    def examine(
        self, account: str, selection: Selection, after_import: AfterImport, *, workflow: str
    ) -> Examination:
        store = self._reached(workflow, self._way_in(account), selection, after_import)
        return store.examine(selection, after_import)

    def _way_in(self, account: str) -> _WayIn:
        """How an account stands now."""
        known = self._catalog.account(account)
        require_allowed(known, ambient=self._settings.allow_ambient_aws)
        settings = known.settings
        if isinstance(settings, AwsKeys | S3Compatible):
            return settings, (
                self._vault.reveal(settings.access_key),
                self._vault.reveal(settings.secret_key),
            )
        return settings, None

    def _reached(
        self, workflow: str, way_in: _WayIn, selection: Selection, after_import: AfterImport
    ) -> S3Store:
        from bucketlift.rules.iam import session_name, session_policy
        from bucketlift.stores.s3 import open_store

        settings, keys = way_in
        policy = None
        if isinstance(settings, AwsRole):
            policy = session_policy(selection, after_import, settings.store)
        store = open_store(
            settings,
            keys=keys,
            session_policy=policy,
            session_name=session_name(self._installation.id(), workflow),
            multipart_threshold=self._settings.multipart_threshold,
        )
        self._open.callback(store.close)
        return store

    def loader(self, destination: str) -> Loader:
        settings, ours = self._catalog.destination(destination).settings, self._installation.id()
        match settings:
            case DuckdbDestination():
                from bucketlift.loaders.duckdb import DuckdbLoader

                return DuckdbLoader(Path(settings.path), installation=ours)
            case SqliteDestination():
                from bucketlift.loaders.sqlite import SqliteLoader

                return SqliteLoader(Path(settings.path), installation=ours)
            case PostgresqlDestination():
                from bucketlift.loaders.postgresql import PostgresqlLoader

                return PostgresqlLoader(
                    self._vault.reveal(settings.url),
                    schema=settings.schema,
                    receipts=settings.receipts,
                    installation=ours,
                )
            case _:
                assert_never(settings)

    def max_parallel(self, destination: str) -> int | None:
        settings = self._catalog.destination(destination).settings
        return settings.max_parallel if isinstance(settings, PostgresqlDestination) else None

    def store_id(self, account: str) -> StoreId | None:
        known = self._catalog.accounts().get(account)
        return None if known is None else known.settings.store

    def accepts_weak_store(self, account: str) -> bool:
        settings = self._catalog.account(account).settings
        return isinstance(settings, S3Compatible) and settings.accept_weak_store

    def close(self) -> None:
        self._open.close()


class Codecs:
    """Opens files with the keys that their tasks name."""

    def __init__(self, keys: Keys, vault: Vault, settings: Settings, clock: Clock) -> None:
        self._keys = keys
        self._vault = vault
        self._bounds = settings.bounds()
        self._clock = clock

    def unpacked(
        self, raw: Path, task: ExtractTask, *, accepted: frozenset[str], heed: Callable[[], None]
    ) -> AbstractContextManager[Unpacked | Hold]:
        from bucketlift.codecs.allowance import Allowance
        from bucketlift.codecs.unpack import Packing, unpacked

        pgp, limit = task.pgp, None if HeldReason.TOO_BIG in accepted else task.max_bytes
        packing = Packing(
            keyring=None if pgp is None else lambda: self._keyring(pgp, accepted),
            required=pgp is not None and pgp.required,
            compression=task.compression,
            entries=task.zip,
        )
        allowance = Allowance.of(raw.stat().st_size, self._bounds, max_bytes=limit, heed=heed)
        return unpacked(raw, packing, allowance)

    def warnings(self, task: ExtractTask) -> tuple[str, ...]:
        if task.pgp is None:
            return ()
        known = self._keys.all()
        named = [known[name] for name in (*task.pgp.keys, *task.pgp.signers) if name in known]
        return tuple(warning for key in named if (warning := key.warning(self._clock.now())))

    def _keyring(self, pgp: Pgp, accepted: frozenset[str]) -> Keyring:
        from bucketlift.codecs.pgp import Keyring, Opener, Signer

        openers, signers = map(self._keys.get, pgp.keys), map(self._keys.get, pgp.signers)
        now = self._clock.now()
        return Keyring(
            openers=tuple(
                Opener(
                    name=key.name,
                    fingerprint=key.fingerprint,
                    private=self._vault.private_key(key.name),
                    expired=key.expired(now) and HeldReason.KEY_EXPIRED not in accepted,
                )
                for key in openers
            ),
            signers=tuple(
                Signer(name=key.name, fingerprint=key.fingerprint, public=key.public) for key in signers
            ),
            require_signature=pgp.require_signature,
        )


def _make(home: Path) -> None:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise RequestWrong(
            f"The home cannot be made ({error.strerror})",
            to=str(home),
            hint="Name one that you may write to: BUCKETLIFT_HOME.",
        ) from error


def _ledger(settings: Settings) -> Database:
    """The fleet's where one is named, else the home's own."""
    if settings.database_url is None:
        from bucketlift.ledger.sqlite import open_file

        return open_file(settings.home / "ledger.sqlite")
    from bucketlift.ledger.postgresql import open_url

    return open_url(settings.database_url.get_secret_value())


def revision(settings: Settings) -> str | None:
    """Which migration the ledger stands at, before it is opened and brought up to date; None without one."""
    from bucketlift.ledger.revision import of_file, of_url

    if settings.database_url is None:
        return of_file(settings.home / "ledger.sqlite")
    return of_url(settings.database_url.get_secret_value())


@contextmanager
def open_app(settings: Settings, *, any_key: bool = False) -> Iterator[App]:
    """An installation: its home is made where it is absent.

    ``any_key``: also with a key file that does not open what is sealed, for those who mend that.

    Raises:
        NotAvailable: a setting of a later version is set.
        RequestWrong: the ledger was written by a newer version.
        SecretUnreadable: something is sealed, and the key file is absent, open to others, or another one.
    """
    settings.require_available()
    home = settings.home
    _make(home)
    database = _ledger(settings)
    catalog, vault = Catalog(database), Vault(Secrets(database), settings.key_file or home / "key")
    try:
        if not any_key:
            vault.check_key()
    except BaseException:
        database.close()
        raise
    connections = Connections(catalog, vault, Installation(database), settings)
    clock, keys = SystemClock(), Keys(database)
    codecs = Codecs(keys, vault, settings, clock)
    runs, files, survey = Runs(database), Files(database), Survey(database)
    outbox, probes, counts = Outbox(database), Probes(database), Counts(database)
    pauses, logs, unloads = Pauses(database), Logs(database), Unloads(database)
    replays = Replays(database)

    workers = Workers(database)

    def tools(spool: Path, progress: Progress, turn: Turn = no_turn) -> Tools:
        from bucketlift.engine.spool import Spool
        from bucketlift.engine.work import Tools

        return Tools(
            runs=runs,
            manifests=Manifests(database),
            files=files,
            counts=counts,
            outbox=outbox,
            pauses=pauses,
            probes=probes,
            replays=replays,
            survey=survey,
            definitions=catalog,
            logs=logs,
            connections=connections,
            codecs=codecs,
            spool=Spool(spool, quota=settings.spool_bytes),
            clock=clock,
            progress=progress,
            turn=turn,
        )

    @contextmanager
    def engine(progress: Progress, kind: WorkerKind = WorkerKind.COMMAND) -> Iterator[Engine]:
        from bucketlift.engine.engine import Engine
        from bucketlift.engine.presence import Presence
        from bucketlift.engine.processes import Process
        from bucketlift.engine.turns import Turns
        from bucketlift.logs import is_said, log_to_stderr

        # All is imported now: from here on a long run makes garbage, and it is collected.
        gc.enable()

        if not is_said():
            log_to_stderr()

        with (
            Process(home / "workers") as process,
            Presence(process, workers, name=settings.worker, kind=kind) as presence,
            Engine(
                presence=presence,
                tools=tools(
                    home / "spool" / process.id,
                    progress,
                    Turns(Slots(database), presence, connections).at,
                ),
            ) as opened,
        ):
            yield opened

    try:
        yield App(
            home=home,
            database=database,
            clock=clock,
            catalog=catalog,
            runs=runs,
            files=files,
            counts=counts,
            outbox=outbox,
            logs=logs,
            replays=replays,
            unloads=unloads,
            audit=Audit(database),
            pauses=pauses,
            notices=Notices(database),
            schedules=Schedules(database),
            silences=Silences(database),
            probes=probes,
            survey=survey,
            workers=workers,
            vault=vault,
            keys=keys,
            connections=connections,
            doctor=connections.examine,
            tools=tools,
            engine=engine,
            mail=settings.mail_server(),
            aws_account_id=settings.aws_account_id,
            allow_ambient_aws=settings.allow_ambient_aws,
            worker=settings.worker,
            is_fleet=settings.database_url is not None,
        )
    finally:
        connections.close()
        database.close()
