"""The shapes of accounts and destinations, and of references to their secrets."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bucketlift.model.account import (
    AccountSettings,
    AwsAmbient,
    AwsKeys,
    AwsRole,
    DestinationSettings,
    DirectoryDestination,
    DuckdbDestination,
    FolderAccount,
    LocalFolder,
    PostgresqlDestination,
    S3Compatible,
    S3Prefix,
    SftpAccount,
    SftpServer,
    SqliteDestination,
)
from bucketlift.rules.targets import NAMINGS
from bucketlift.schema.platform import QualtricsShape
from bucketlift.schema.receivers import HttpShape
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import Shape, exactly_one, invalid
from bucketlift.schema.values import Bucket, LocalPath, OneOrMore, Text, written_as

ACCOUNT_ID = "^[0-9]{12}$"
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+")
HOST_KEYS = frozenset(
    {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa"}
)
_NAME_BYTES = NAMINGS["postgresql"].max_bytes or 0


def _role_arn(value: str) -> str:
    if not _ROLE_ARN.fullmatch(value):
        raise invalid(
            "not the ARN of an IAM role", "Write an ARN such as arn:aws:iam::111122223333:role/NAME."
        )
    return value


def _endpoint(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment:
        raise invalid(
            "not the address of a store", "Write an address such as https://minio.example.com:9000."
        )
    if parts.username is not None or parts.password is not None:
        raise invalid("an address must not contain a secret", "Give access_key and secret_key instead.")
    return value


def _name(value: str) -> str:
    if "\0" in value or len(value.encode()) > _NAME_BYTES:
        raise invalid("not a name in PostgreSQL", f"A name has at most {_NAME_BYTES} bytes.")
    return value


def _place(value: str) -> str:
    schema, dot, table = value.partition(".")
    if not (schema and dot and table) or "." in table:
        raise invalid(
            "not a valid name for the table of receipts", "Name the schema and the table: audit.loads."
        )
    return f"{_name(schema)}.{_name(table)}"


_Owner = Annotated[str, Field(pattern=ACCOUNT_ID)]


class AwsRoleShape(Shape, model=AwsRole):
    """An IAM role that Bucketlift assumes. Bucketlift generates the external ID."""

    kind: Literal["aws-role"]
    role_arn: Annotated[str, AfterValidator(_role_arn)]
    region: Text
    bucket_owner: _Owner | None = None


class AwsShape(Shape, model=AwsAmbient):
    """Reads buckets with Bucketlift's own AWS identity; the operator must allow it (BUCKETLIFT_ALLOW_AMBIENT_AWS)."""

    kind: Literal["aws"]
    region: Text
    bucket_owner: _Owner | None = None


class AwsKeysShape(Shape, model=AwsKeys):
    """Deprecated: access keys of an IAM user. Use a role."""

    kind: Literal["aws-keys"]
    access_key: Secret
    secret_key: Secret
    region: Text
    bucket_owner: _Owner | None = None


class S3CompatibleShape(Shape, model=S3Compatible):
    """An S3-compatible store."""

    always_written = frozenset({"region", "accept_weak_store"})

    kind: Literal["s3-compatible"]
    endpoint_url: Annotated[str, AfterValidator(_endpoint)]
    access_key: Secret
    secret_key: Secret
    region: Text = "us-east-1"
    accept_weak_store: bool = False
    store_name: Text | None = Field(default=None, alias="store")


class DuckdbShape(Shape, model=DuckdbDestination):
    """An embedded DuckDB database file. Its path is relative to this file."""

    kind: Literal["duckdb"]
    path: LocalPath
    worker: Text | None = None


class SqliteShape(Shape, model=SqliteDestination):
    """A SQLite database file. Its path is relative to this file."""

    kind: Literal["sqlite"]
    path: LocalPath
    worker: Text | None = None


class PostgresqlShape(Shape, model=PostgresqlDestination):
    """A schema of a PostgreSQL database. The URL is a secret, because it contains a password."""

    kind: Literal["postgresql"]
    url: Secret
    schema_: Annotated[Text, AfterValidator(_name), Field(alias="schema")] = "public"
    receipts: Annotated[Text, AfterValidator(_place)] | None = None
    max_parallel: Annotated[int, Field(ge=1)] | None = None


class DirectoryShape(Shape, model=DirectoryDestination):
    """A directory of contacts and employees: a SQLite file, or a schema of a PostgreSQL database."""

    kind: Literal["directory"]
    path: LocalPath | None = None
    url: Secret | None = None
    schema_: Annotated[Text, AfterValidator(_name), Field(alias="schema")] = "public"
    worker: Text | None = None

    _one_place = exactly_one(
        *("path", "url"),
        what="a directory has either `path` or `url`",
        hint="Write path: people.sqlite for a SQLite file, or url: {env: NAME} for PostgreSQL.",
    )


def _host_key(value: str) -> str:
    kind, _, rest = value.strip().partition(" ")
    if kind not in HOST_KEYS or not re.fullmatch(r"[A-Za-z0-9+/]{40,}={0,2}( .*)?", rest):
        raise invalid(
            "not the key of an SSH server",
            "Copy it from `ssh-keyscan HOST`, without the host's name: ssh-ed25519 AAAA...",
        )
    return " ".join(value.split()[:2])


def _host(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._:-]{1,253}", value) or value.startswith("-"):
        raise invalid("not the name of a server", "Write only its name or address: files.example.com.")
    return value


class SftpShape(Shape, model=SftpServer):
    """A folder of an SFTP server. Its host key is fixed, so that no other server can pretend to be it."""

    kind: Literal["sftp"]
    host: Annotated[str, AfterValidator(_host)]
    port: Annotated[int, Field(ge=1, le=65535)] = 22
    user: Text
    path: str = ""
    private_key: Secret | None = None
    password: Secret | None = None
    host_key: Annotated[OneOrMore[Annotated[str, AfterValidator(_host_key)]], Field(min_length=1)]

    _one_secret = exactly_one(
        *("private_key", "password"),
        what="an SFTP server has either `private_key` or `password`",
        hint="Write private_key: {secret: NAME}, or password: {secret: NAME}.",
    )


class FolderShape(Shape, model=LocalFolder):
    """A folder of this machine. Its path is relative to this file."""

    kind: Literal["folder"]
    path: LocalPath
    worker: Text | None = None


class SftpAccountShape(SftpShape, model=SftpAccount):
    """A folder of an SFTP server. Files are read from it."""

    always_written = frozenset({"accept_weak_store"})

    accept_weak_store: bool = False
    store_name: Text | None = Field(default=None, alias="store")


class FolderAccountShape(FolderShape, model=FolderAccount):
    """A folder of the machine on which Bucketlift runs. Files are read from it. Its path is relative to this
    file.
    """

    always_written = frozenset({"accept_weak_store"})

    accept_weak_store: bool = False
    store_name: Text | None = Field(default=None, alias="store")


class S3PrefixShape(Shape, model=S3Prefix):
    """A prefix of a bucket that an account may write to. No slash is added after the prefix."""

    kind: Literal["s3"]
    account: Text
    bucket: Bucket
    prefix: str = ""


_Accounts = Annotated[
    AwsRoleShape | S3CompatibleShape | FolderAccountShape | SftpAccountShape | AwsShape | AwsKeysShape,
    Field(discriminator="kind"),
]
_Destinations = Annotated[
    DuckdbShape
    | SqliteShape
    | PostgresqlShape
    | DirectoryShape
    | HttpShape
    | QualtricsShape
    | S3PrefixShape
    | SftpShape
    | FolderShape,
    Field(discriminator="kind"),
]
AnyAccount = Annotated[AccountSettings, written_as(_Accounts)]
AnyDestination = Annotated[DestinationSettings, written_as(_Destinations)]
