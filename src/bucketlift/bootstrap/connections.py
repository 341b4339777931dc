"""Opens stores and loaders by the names of their accounts and destinations."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, assert_never

from bucketlift.bootstrap.objects import no_buckets, not_a_table, open_place, recipients
from bucketlift.errors import OurFault, RequestWrong
from bucketlift.ledger.people.installation import Installation
from bucketlift.ledger.secrets.keys import Keys
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.ledger.workflows.sharing import Sharings
from bucketlift.model.account import (
    Account,
    AccountSettings,
    AwsKeys,
    AwsRole,
    BasicAuth,
    BearerAuth,
    DestinationSettings,
    DirectoryDestination,
    DuckdbDestination,
    FolderAccount,
    HeaderAuth,
    HttpDestination,
    LocalFolder,
    PostgresqlDestination,
    QualtricsDestination,
    S3Account,
    S3Compatible,
    S3Prefix,
    SftpAccount,
    SftpServer,
    SqliteDestination,
)
from bucketlift.model.finding import Examination
from bucketlift.model.source import Selection, StoreId
from bucketlift.model.workflow import AfterImport, ExtractTask
from bucketlift.ports import Delivery, Directory, Loader, ObjectStore, TableReader
from bucketlift.service.accounts.accounts import require_allowed, require_endpoint
from bucketlift.service.core.allowed import allowed_account, allowed_destination
from bucketlift.settings import Settings
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.deliveries.http import Credentials
    from bucketlift.loaders.directory import Place
    from bucketlift.stores.s3 import S3Store


class ExaminedStore(ObjectStore, Protocol):
    """The interface of a store that the doctor can examine."""

    def examine(self, selection: Selection | None, after_import: AfterImport) -> Examination: ...

    def close(self) -> None: ...


_WayIn = tuple[AccountSettings, tuple[str, str] | None]
"""The settings of an account, and its two keys. For an SFTP account these are the private key and the
password, one of which is empty.
"""

NO_BUCKET = "none"
"""The bucket's name in the session of a doctor that checks no bucket.

The session's permissions are limited to this name, and no call uses it.
"""


class Connections:
    """Opens stores and loaders by name. If an account or its keys have changed, its store is opened again."""

    def __init__(
        self,
        catalog: Catalog,
        sharings: Sharings,
        vault: Vault,
        keys: Keys,
        installation: Installation,
        settings: Settings,
    ) -> None:
        self._catalog = catalog
        self._sharings = sharings
        self._vault = vault
        self._keys = keys
        self._installation = installation
        self._settings = settings
        self._stores: dict[tuple[str, ExtractTask], tuple[_WayIn, ObjectStore]] = {}
        self._buckets: dict[S3Prefix, tuple[_WayIn, S3Store]] = {}
        self._lock = threading.Lock()
        self._open = ExitStack()

    def store(self, workflow: str, task: ExtractTask) -> ObjectStore:
        access = self._access(task.account)
        with self._lock:
            known, store = self._stores.get((workflow, task), (None, None))
            if store is None or known != access:
                store = self._opened(workflow, task, access)
                self._stores[workflow, task] = (access, store)
            return store

    def _opened(self, workflow: str, task: ExtractTask, access: _WayIn) -> ObjectStore:
        return self._reached(workflow, access, task.selection, task.after_import)

    def examine(
        self,
        account: str | AwsRole,
        selection: Selection | None,
        after_import: AfterImport,
        *,
        workflow: str,
    ) -> Examination:
        access = (account, None) if isinstance(account, AwsRole) else self._access(account)
        store = self._reached(workflow, access, selection or Selection(bucket=NO_BUCKET), after_import)
        return store.examine(selection, after_import)

    def _access(self, account: str) -> _WayIn:
        """The account's current settings and keys."""
        known = self._catalog.account(account)
        require_allowed(known, ambient=self._settings.allow_ambient_aws)
        settings = self._allowed_settings(known)
        if isinstance(settings, AwsKeys | S3Compatible):
            return settings, (
                self._vault.reveal(settings.access_key),
                self._vault.reveal(settings.secret_key),
            )
        if isinstance(settings, SftpAccount):
            private_key, password = settings.private_key, settings.password
            return settings, (
                self._vault.reveal(private_key) if private_key else "",
                self._vault.reveal(password) if password else "",
            )
        return settings, None

    def _allowed_settings(self, account: Account) -> AccountSettings:
        """The settings of an account to use. Refuse an endpoint, a server or a folder that is not in the operator's lists.

        This applies only to accounts that users create on the page. It is checked each time, because the lists
        may have changed.
        """
        settings = account.settings
        if account.project is not None or not self._sharings.of(account.name).title:
            return settings
        if isinstance(settings, S3Compatible):
            require_endpoint(settings.endpoint_url, self._settings.endpoints())
        return allowed_account(settings, self._settings.allow_lists())

    def _destination(self, name: str) -> DestinationSettings:
        """The settings of a destination to use. If a user of the page named its place, the operator must allow it now."""
        known = self._catalog.destination(name)
        if not known.on_page:
            return known.settings
        return allowed_destination(known.settings, self._settings.allow_lists(), self._vault.reveal)

    def _reached(
        self, workflow: str, access: _WayIn, selection: Selection, after_import: AfterImport
    ) -> ExaminedStore:
        settings, keys = access
        store: ExaminedStore
        if isinstance(settings, FolderAccount):
            from bucketlift.stores.files.local import open_folder

            store = open_folder(settings)
        elif isinstance(settings, SftpAccount):
            from bucketlift.stores.files.sftp import open_server

            store = open_server(settings, *(keys or ("", "")))
        else:
            store = self._bucket_store(workflow, settings, keys, selection, after_import)
        self._open.callback(store.close)
        return store

    def _bucket_store(
        self,
        workflow: str,
        settings: S3Account,
        keys: tuple[str, str] | None,
        selection: Selection,
        after_import: AfterImport,
    ) -> S3Store:
        from bucketlift.rules.iam import session_name, session_policy, shorter_policies
        from bucketlift.stores.s3 import open_store

        policies: tuple[str, ...] = ()
        if isinstance(settings, AwsRole):
            asked = (selection, after_import, settings.store)
            policies = (session_policy(*asked), *shorter_policies(*asked))
        return open_store(
            settings,
            keys=keys,
            session_policy=policies,
            requester_pays=selection.requester_pays,
            session_name=session_name(self._installation.id(), workflow),
            multipart_threshold=self._settings.multipart_threshold,
        )

    def loader(self, destination: str) -> Loader:
        settings, ours = self._destination(destination), self._installation.id()
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
            case DirectoryDestination():
                from bucketlift.loaders.directory import DirectoryLoader

                return DirectoryLoader(place=self._place(settings), installation=ours)
            case S3Prefix() | SftpServer() | LocalFolder():
                raise not_a_table(destination)
            case HttpDestination():
                raise RequestWrong(
                    "The destination has no tables", to=destination, hint="Send rows to it with load_rows."
                )
            case QualtricsDestination():
                raise RequestWrong(
                    "The hosted platform has no tables",
                    to=destination,
                    hint="Use load_contacts, load_employees, load_responses or load_records.",
                )
            case _:
                assert_never(settings)

    def table_reader(self, destination: str) -> TableReader | None:
        settings = self._destination(destination)
        match settings:
            case DuckdbDestination():
                from bucketlift.loaders.duckdb.table_reader import DuckdbTableReader

                return DuckdbTableReader(Path(settings.path))
            case SqliteDestination():
                from bucketlift.loaders.sqlite.table_reader import SqliteTableReader

                return SqliteTableReader(Path(settings.path))
            case PostgresqlDestination():
                from bucketlift.loaders.postgresql.table_reader import PostgresqlTableReader

                return PostgresqlTableReader(self._vault.reveal(settings.url), settings.schema)
            case _:
                return None

    def delivery(self, destination: str) -> Delivery | None:
        settings = self._destination(destination)
        match settings:
            case HttpDestination():
                from bucketlift.deliveries.http import HttpDelivery

                return HttpDelivery(settings, self._credentials(settings))
            case QualtricsDestination():
                return self._platform(destination, settings)
            case S3Prefix() | SftpServer() | LocalFolder():
                from bucketlift.objects.delivery import ObjectsDelivery

                place = open_place(settings, self._vault, self._bucket)
                return ObjectsDelivery(place, lambda names: recipients(names, self._keys))
            case _:
                return None

    def _platform(self, destination: str, settings: QualtricsDestination) -> Delivery:
        from bucketlift.deliveries.qualtrics import Client, QualtricsDelivery, Token

        if settings.base_url is not None and settings.base_url not in self._settings.platforms():
            raise RequestWrong(
                f"The operator does not allow the address {settings.base_url}",
                to=destination,
                hint="Remove `base_url`, or ask the operator to add the address to BUCKETLIFT_ALLOWED_PLATFORMS.",
            )
        if settings.client is not None:
            secret = self._vault.reveal(settings.client.secret)
            return QualtricsDelivery(
                settings, Client(id=settings.client.id, secret=secret, scopes=settings.client.scopes)
            )
        if settings.token is None:
            raise OurFault("A destination has neither a token nor a client", to=destination)
        return QualtricsDelivery(settings, Token(token=self._vault.reveal(settings.token)))

    def _bucket(self, settings: S3Prefix) -> tuple[S3Store, bool]:
        """A store that may write below the prefix, and whether the account accepts a weak store."""
        access = self._access(settings.account)
        with self._lock:
            known, store = self._buckets.get(settings, (None, None))
            if store is None or known != access:
                store = self._opened_bucket(settings, access)
                self._buckets[settings] = (access, store)
        return store, self.accepts_weak_store(settings.account)

    def _opened_bucket(self, settings: S3Prefix, access: _WayIn) -> S3Store:
        from bucketlift.rules.iam import session_name, writing_policy
        from bucketlift.stores.s3 import open_store

        account, keys = access
        if isinstance(account, FolderAccount | SftpAccount):
            raise no_buckets(settings.account)
        is_role = isinstance(account, AwsRole)
        store = open_store(
            account,
            keys=keys,
            session_policy=writing_policy(settings.bucket, settings.prefix, account.store) if is_role else (),
            session_name=session_name(self._installation.id(), "export"),
        )
        self._open.callback(store.close)
        return store

    def _credentials(self, settings: HttpDestination) -> Credentials:
        from bucketlift.deliveries.http import Credentials

        match settings.auth:
            case BearerAuth(bearer=token):
                return Credentials.bearer(self._vault.reveal(token))
            case BasicAuth(user=user, password=password):
                return Credentials.basic(user, self._vault.reveal(password))
            case HeaderAuth(header=header, value=value):
                return Credentials.header(header, self._vault.reveal(value))
            case None:
                return Credentials(headers={}, secrets=())

    def directory(self, destination: str) -> Directory:
        settings = self._destination(destination)
        if not isinstance(settings, DirectoryDestination):
            raise RequestWrong(
                "The destination is not a directory",
                to=destination,
                hint="Name a destination of kind directory: `bucketlift destinations list` shows them.",
            )
        from bucketlift.loaders.directory import DirectoryPeople

        return DirectoryPeople(place=self._place(settings))

    def _place(self, settings: DirectoryDestination) -> Place:
        from bucketlift.loaders.directory import Place

        if settings.url is None:
            return Place(path=Path(settings.path or ""))
        return Place(url=self._vault.reveal(settings.url), schema=settings.schema)

    def max_parallel(self, destination: str) -> int | None:
        settings = self._catalog.destination(destination).settings
        return getattr(settings, "max_parallel", None)

    def store_id(self, account: str) -> StoreId | None:
        known = self._catalog.accounts().get(account)
        return None if known is None else known.settings.store

    def accepts_weak_store(self, account: str) -> bool:
        settings = self._catalog.account(account).settings
        return isinstance(settings, S3Compatible | FolderAccount | SftpAccount) and settings.accept_weak_store

    def close(self) -> None:
        self._open.close()
