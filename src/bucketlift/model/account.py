"""Accounts and destinations, and references to their secrets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from bucketlift.model.source import StoreId, StoreKind

_PARTITIONS = {"cn-": "aws-cn", "us-gov-": "aws-us-gov"}


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvSecret:
    """A secret stored in an environment variable."""

    env: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSecret:
    """A secret stored in a file."""

    file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VaultSecret:
    """A secret stored encrypted in Bucketlift's own vault."""

    secret: str


SecretRef = EnvSecret | FileSecret | VaultSecret


def partition_of(region: str) -> StoreId:
    """The AWS partition to which a region belongs. China and GovCloud have separate partitions, and a call
    never reaches another partition.
    """
    for beginning, partition in _PARTITIONS.items():
        if region.startswith(beginning):
            return StoreId(partition)
    return StoreId("aws")


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsRole:
    """An IAM role, assumed with the external ID that was generated for this account."""

    role_arn: str
    region: str
    external_id: str = ""
    """The external ID, which the ledger generates when the account is created. A client never sets it."""
    bucket_owner: str | None = None
    kind: Literal["aws-role"] = "aws-role"

    @property
    def store(self) -> StoreId:
        """The store of a role: the AWS partition in the role's ARN. The endpoint does not matter."""
        return StoreId(self.role_arn.split(":")[1])


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsAmbient:
    """The AWS identity of the Bucketlift process itself. Accounts may use it only if the operator allows
    this.
    """

    region: str
    bucket_owner: str | None = None
    kind: Literal["aws"] = "aws"

    @property
    def store(self) -> StoreId:
        return partition_of(self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class AwsKeys:
    """Long-lived access keys of an IAM user. Deprecated: a leaked key works until it is replaced."""

    access_key: SecretRef
    secret_key: SecretRef
    region: str
    bucket_owner: str | None = None
    kind: Literal["aws-keys"] = "aws-keys"

    @property
    def store(self) -> StoreId:
        return partition_of(self.region)


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Compatible:
    """An S3-compatible store at a custom address."""

    endpoint_url: str
    access_key: SecretRef
    secret_key: SecretRef
    region: str = "us-east-1"
    accept_weak_store: bool = False
    store_name: str | None = None
    kind: Literal["s3-compatible"] = "s3-compatible"

    @property
    def store(self) -> StoreId:
        """The identity of the store: host and port, or the name in the settings. A store with a name keeps
        its identity when its address changes.
        """
        return StoreId(self.store_name or self.endpoint_url.split("://", 1)[-1].rstrip("/").lower())


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpServer:
    """A folder of an SFTP server, which files are written to or read from."""

    host: str
    user: str
    host_key: tuple[str, ...]
    """The accepted host keys of the server, each as ``ssh-ed25519 AAAA...``."""
    port: int = 22
    path: str = ""
    """The path of the folder. If empty, it is the folder in which the server starts a session."""
    private_key: SecretRef | None = None
    password: SecretRef | None = None
    kind: Literal["sftp"] = "sftp"


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalFolder:
    """A folder of this machine, which files are written to or read from."""

    path: str
    worker: str | None = None
    """The name of the only worker that can access the folder; None if every worker can."""
    kind: Literal["folder"] = "folder"


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderAccount(LocalFolder):
    """A folder of the machine on which Bucketlift runs. Files are read from it."""

    accept_weak_store: bool = False
    store_name: str | None = None

    @property
    def store(self) -> StoreId:
        """The identity of the store: the folder's path, or the name in the settings. A store with a name
        keeps its identity when its path changes.
        """
        return StoreId(f"folder:{self.store_name or self.path}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpAccount(SftpServer):
    """A folder of an SFTP server. Files are read from it."""

    accept_weak_store: bool = False
    store_name: str | None = None

    @property
    def store(self) -> StoreId:
        """The identity of the store: user, host, port and path, or the name in the settings. The user is
        included, because users of one server may see different folders.
        """
        path = self.path.rstrip("/") or self.path[:1]
        return StoreId(f"sftp:{self.store_name or f'//{self.user}@{self.host.lower()}:{self.port}/{path}'}")


AccountSettings = AwsRole | AwsAmbient | AwsKeys | S3Compatible | FolderAccount | SftpAccount
S3Account = AwsRole | AwsAmbient | AwsKeys | S3Compatible
FileAccount = FolderAccount | SftpAccount


def worker_with(settings: AccountSettings) -> str | None:
    """The name of the only worker that has the account's folder; None if every worker can use the account."""
    return settings.worker if isinstance(settings, FolderAccount) else None


def store_kind(settings: AccountSettings) -> StoreKind:
    """The ``kind`` that an extract task must have if it uses the account."""
    return settings.kind if isinstance(settings, FolderAccount | SftpAccount) else "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class Acknowledgement:
    """A person's statement that a warning of the doctor is accepted, with the reason."""

    by: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """Result of the last check whether a role can be assumed without its external ID."""

    open_to: tuple[str, ...]
    """The unsafe ways in which AWS lets us assume the role: ``no external ID``, ``any external ID``. Empty if
    AWS refuses both.
    """
    tried_at: datetime
    acknowledged: Acknowledgement | None = None

    @property
    def is_open(self) -> bool:
        return bool(self.open_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Named access to a store. ``project`` is the workflow file that owns the account; None if the account
    was created by hand.
    """

    name: str
    settings: AccountSettings = field(metadata={"discriminator": "kind"})
    project: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DuckdbDestination:
    """An embedded DuckDB database file."""

    path: str
    worker: str | None = None
    """The name of the only worker that can access the file; None if every worker can."""
    kind: Literal["duckdb"] = "duckdb"


@dataclass(frozen=True, slots=True, kw_only=True)
class SqliteDestination:
    """A SQLite database file."""

    path: str
    worker: str | None = None
    """The name of the only worker that can access the file; None if every worker can."""
    kind: Literal["sqlite"] = "sqlite"


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresqlDestination:
    """A schema of a PostgreSQL database."""

    url: SecretRef
    """A reference to the URL: ``postgresql://USER:PASSWORD@HOST:PORT/DATABASE``, with libpq's parameters
    after a ``?``.
    """
    schema: str = "public"
    receipts: str | None = None
    """The table of receipts, as ``SCHEMA.TABLE``. None: ``bucketlift.loads`` if the schema ``bucketlift``
    exists or may be created, otherwise ``_bucketlift_loads`` in the destination's schema.
    """
    max_parallel: int | None = None
    """Maximum number of open load units in the whole fleet; None: no limit."""
    kind: Literal["postgresql"] = "postgresql"


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryDestination:
    """A directory of people. ``path`` is its SQLite file, or ``url`` and ``schema`` are its place in a
    PostgreSQL database.
    """

    path: str | None = None
    url: SecretRef | None = None
    schema: str = "public"
    worker: str | None = None
    """The name of the only worker that can access the file; None if every worker can."""
    kind: Literal["directory"] = "directory"


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Prefix:
    """A prefix of a bucket, to which files are written through an account."""

    account: str
    bucket: str
    prefix: str = ""
    kind: Literal["s3"] = "s3"


@dataclass(frozen=True, slots=True, kw_only=True)
class BearerAuth:
    """The header ``Authorization: Bearer TOKEN``, which authorizes requests to a receiver."""

    bearer: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class BasicAuth:
    """The header ``Authorization: Basic``, which authorizes requests with a user and a password."""

    user: str
    password: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderAuth:
    """A header with a name of the user's choice, whose value is a secret that authorizes requests."""

    header: str
    value: SecretRef


HttpAuth = BearerAuth | BasicAuth | HeaderAuth


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpDestination:
    """An HTTP receiver, to which the rows are posted in chunks."""

    url: str
    auth: HttpAuth | None = None
    idempotent: bool = False
    """Whether the receiver ignores a request with an Idempotency-Key that it has seen before."""
    timeout: int = 60
    """Maximum seconds to wait for each part of an answer."""
    max_parallel: int | None = None
    """Maximum number of files that all workers together deliver at the same time; None: no limit."""
    kind: Literal["http"] = "http"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuthClient:
    """An OAuth client of the hosted platform."""

    id: str
    secret: SecretRef
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QualtricsDestination:
    """A brand of the hosted platform. It has a token or an OAuth client."""

    datacenter: str
    token: SecretRef | None = None
    client: OAuthClient | None = None
    directory: str | None = None
    """The directory of contacts, ``POOL_...``."""
    merges_contacts: bool = False
    """Whether its directory has merge rules, so that a repeated contact is no new contact."""
    base_url: str | None = None
    """Another address of the API. Only one that the operator allows is used."""
    timeout: int = 60
    """Seconds to wait for each part of an answer."""
    max_parallel: int = 5
    """Maximum number of files that the whole fleet delivers at the same time."""
    kind: Literal["qualtrics"] = "qualtrics"

    @property
    def address(self) -> str:
        return self.base_url or f"https://{self.datacenter}.qualtrics.com"


FilePlace = S3Prefix | SftpServer | LocalFolder
"""Destinations to which loads write files."""
DestinationSettings = (
    DuckdbDestination
    | SqliteDestination
    | PostgresqlDestination
    | DirectoryDestination
    | HttpDestination
    | QualtricsDestination
    | FilePlace
)


def file_of(settings: DestinationSettings) -> str | None:
    """The path of the destination's database file; None if the destination has none."""
    with_file = DuckdbDestination | SqliteDestination | DirectoryDestination
    return settings.path if isinstance(settings, with_file) else None


def worker_of(settings: DestinationSettings) -> str | None:
    """The name of the only worker that can reach the destination; None if all workers can."""
    worker: str | None = getattr(settings, "worker", None)
    return worker


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A destination, to which loads write, with its name."""

    name: str
    settings: DestinationSettings = field(metadata={"discriminator": "kind"})
    project: str | None = None
    on_page: bool = False
    """Whether a user of the page named its place. Then the operator must allow the place, whenever it is used."""
