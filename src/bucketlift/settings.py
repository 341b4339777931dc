"""Environment variables that an operator can set. Their names start with BUCKETLIFT_."""

from __future__ import annotations

import os
import platform
from datetime import timedelta
from email.utils import parseaddr
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_core import PydanticCustomError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import EnvSecret, FileSecret, SecretRef
from bucketlift.model.packing import Bounds
from bucketlift.model.sharing import AllowLists
from bucketlift.model.user import SessionLimits
from bucketlift.notices.mail_server import PORTS, MailServer, Tls

NO_HOME = "this user has no home folder"


class Settings(BaseSettings):
    """The operator's settings. They are read from the environment when the process starts."""

    model_config = SettingsConfigDict(env_prefix="BUCKETLIFT_", extra="ignore")

    home: Path = Field(
        default=Path("~/.bucketlift"),
        description="The folder with the ledger, the spool, the key file and the engine's state.",
    )
    key_file: Path | None = Field(
        default=None, description="The key that encrypts secrets; by default `key` in the home, mode 0600."
    )
    aws_account_id: str | None = Field(
        default=None,
        description="The AWS account that roles trust; by default requested from STS.",
    )
    allow_ambient_aws: bool = Field(
        default=False,
        description="Let accounts of `kind: aws` read buckets with Bucketlift's own AWS identity.",
    )
    allowed_endpoints: str | None = Field(
        default=None,
        description="Addresses of S3-compatible stores that users may connect on the page, separated by "
        "commas: `https://minio.example.com`. Workflow files and commands can use others.",
    )
    allowed_databases: str = Field(
        default="",
        description="PostgreSQL servers that users may name as destinations on the page, as HOST:PORT separated "
        "by commas: `db.example.com:5432`. Workflow files and commands can use others.",
    )
    allowed_platforms: str | None = Field(
        default=None,
        description="Addresses of the hosted platform that `base_url` of a destination may name, separated by commas: "
        "`https://platform.example.com`. Without this setting, only `https://DATACENTER.qualtrics.com` is called.",
    )
    allowed_hosts: str = Field(
        default="",
        description="SFTP servers and HTTP receivers that users may name on the page, as HOST:PORT separated by "
        "commas: `files.example.com:22,hooks.example.com:443`. Workflow files and commands can use others.",
    )
    allowed_folders: str = Field(
        default="",
        description="Folders of this machine that users may name on the page, with all folders below them, separated by "
        "commas: `/srv/exports,/srv/incoming`. Workflow files and commands can use others.",
    )
    ca_bundle: Path | None = Field(
        default=None,
        description="A PEM file with the certificate authorities to trust. For S3 and STS, only these are trusted; for "
        "webhooks and mail servers, those of the system too. By default the first of `AWS_CA_BUNDLE`, "
        "`REQUESTS_CA_BUNDLE` and `SSL_CERT_FILE` that is set.",
    )
    multipart_threshold: int = Field(
        default=5 * 1024**3,
        gt=0,
        le=5 * 1024**3,
        description="Objects with more bytes than this are moved or renamed in parts.",
    )
    spool_bytes: int = Field(
        default=50 * 1024**3,
        gt=0,
        description="Maximum size in bytes of the staged files in the home's spool.",
    )
    max_unpacked_bytes: int = Field(
        default=50 * 1024**3,
        gt=0,
        description="Maximum bytes of an encrypted or compressed object after unpacking; a larger one is held.",
    )
    max_unpacked_ratio: int = Field(
        default=1000,
        gt=0,
        description="Maximum unpacked bytes per byte of the object; 100 MiB are always allowed.",
    )
    max_unpacking_seconds: int = Field(
        default=3600, gt=0, description="The time limit for decrypting and decompressing one object."
    )
    database_url: SecretStr | None = Field(
        default=None,
        description="The URL of a PostgreSQL database that stores the ledger, so that workers on several machines share it: "
        "`postgresql://USER:PASSWORD@HOST:5432/DATABASE`. The home then contains only this machine's own files.",
    )
    worker: str = Field(
        default_factory=platform.node,
        description="This machine's name in a fleet, used in a destination's `worker`; by default its host name.",
    )
    keep_history_days: int | None = Field(
        default=None,
        gt=0,
        description="The number of days that ended runs, their logs and sent notices are kept; by default permanently. Runs "
        "that a file, a receipt or a pending action refers to are always kept.",
    )
    smtp_host: str | None = Field(
        default=None, description="The mail server for notices; without it, no e-mail is sent."
    )
    smtp_port: int | None = Field(
        default=None, gt=0, lt=65536, description="Its port; by default 587, with `tls` 465, with `none` 25."
    )
    smtp_tls: Tls = Field(
        default=Tls.STARTTLS,
        description="`starttls`, `tls` (from the first byte), or `none` (unencrypted).",
    )
    smtp_user: str | None = Field(
        default=None, description="The user name for the mail server; by default no sign-in."
    )
    smtp_password: SecretStr | None = Field(default=None, description="The user's password.")
    smtp_password_file: Path | None = Field(
        default=None, description="A file with the user's password, instead of the variable."
    )
    smtp_from: str | None = Field(
        default=None, description="The sender address of notices, such as `bucketlift@example.com`."
    )
    public_url: str | None = Field(
        default=None,
        description="The address at which users open the page, if it is not the one that `serve` listens on: "
        "`https://lift.example.com`. Sign-in links start with it.",
    )
    trusted_proxy: str | None = Field(
        default=None,
        description="The addresses of proxies in front of the page, separated by commas; `X-Forwarded-For` "
        "and `X-Forwarded-Proto` are accepted only from these.",
    )
    session_idle_hours: float = Field(
        default=12, gt=0, description="The time without a request after which a browser must sign in again."
    )
    session_days: float = Field(
        default=14,
        gt=0,
        description="The time after which a browser must sign in again, regardless of activity.",
    )
    url: str | None = Field(
        default=None,
        description="The address of the server that the command uses. Not available in this version.",
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read no other sources. None is configured, but reading them takes half of the time."""
        return init_settings, env_settings

    @field_validator("home")
    @classmethod
    def _expand(cls, value: Path) -> Path:
        try:
            return value.expanduser().absolute()
        except RuntimeError:
            raise PydanticCustomError("home", NO_HOME) from None

    @field_validator("allowed_endpoints", "allowed_platforms")
    @classmethod
    def _addresses(cls, value: str | None) -> str | None:
        for each in _listed(value):
            parts = urlsplit(each)
            if (
                parts.scheme not in {"http", "https"}
                or not parts.hostname
                or "@" in each
                or parts.path
                or parts.query
            ):
                raise PydanticCustomError(
                    "endpoint", "each address is http:// or https://, a host and a port"
                )
        return value

    @field_validator("allowed_hosts")
    @classmethod
    def _hosts(cls, value: str) -> str:
        for each in _listed(value):
            parts = urlsplit(f"//{each}")
            try:
                known = parts.hostname and parts.port and "@" not in each and not parts.path
            except ValueError:
                known = False
            if not known:
                raise PydanticCustomError("host", "each server is HOST:PORT, such as files.example.com:22")
        return value.lower()

    @field_validator("allowed_folders")
    @classmethod
    def _folders(cls, value: str) -> str:
        if not all(Path(each).is_absolute() for each in _listed(value)):
            raise PydanticCustomError("folder", "each folder is an absolute path, such as /srv/exports")
        return value

    @field_validator("public_url")
    @classmethod
    def _origin(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        known = parts.scheme in {"http", "https"} and parts.hostname and "@" not in parts.netloc
        if not known or parts.path.strip("/") or parts.query or parts.fragment:
            raise PydanticCustomError("address", "it is not an address like https://lift.example.com")
        return f"{parts.scheme}://{parts.netloc}"

    @field_validator("trusted_proxy")
    @classmethod
    def _proxies(cls, value: str | None) -> str | None:
        try:
            for each in (value or "").split(","):
                if each.strip():
                    ip_network(each.strip(), strict=False)
        except ValueError:
            raise PydanticCustomError("address", "it is not a list of IP addresses or networks") from None
        return value

    @field_validator("smtp_from")
    @classmethod
    def _one_address(cls, value: str | None) -> str | None:
        if value is not None and (not value.isprintable() or "@" not in parseaddr(value)[1]):
            raise PydanticCustomError("address", "it is not an e-mail address")
        return value

    def endpoints(self) -> tuple[str, ...]:
        """The S3-compatible stores that users may connect on the page."""
        return _listed(self.allowed_endpoints)

    def platforms(self) -> tuple[str, ...]:
        """Addresses of the hosted platform, apart from its own ones."""
        return _listed(self.allowed_platforms)

    def allow_lists(self) -> AllowLists:
        """The places that users may name on the page."""
        return AllowLists(
            home=self.home,
            databases=_listed(self.allowed_databases),
            hosts=_listed(self.allowed_hosts),
            folders=_listed(self.allowed_folders),
            platforms=self.platforms(),
        )

    def bounds(self) -> Bounds:
        """Limits for the unpacked size of an object."""
        return Bounds(
            largest=self.max_unpacked_bytes,
            ratio=self.max_unpacked_ratio,
            time=timedelta(seconds=self.max_unpacking_seconds),
        )

    def session_limits(self) -> SessionLimits:
        """The time limits for browser sessions."""
        return SessionLimits(
            idle=timedelta(hours=self.session_idle_hours), whole=timedelta(days=self.session_days)
        )

    def mail_server(self) -> MailServer | None:
        """The mail server; None if no server or no sender is set."""
        if not self.smtp_host or not self.smtp_from:
            return None
        password: SecretRef | None = None
        if self.smtp_password_file is not None:
            password = FileSecret(file=str(self.smtp_password_file))
        elif self.smtp_password is not None:
            password = EnvSecret(env="BUCKETLIFT_SMTP_PASSWORD")
        return MailServer(
            host=self.smtp_host,
            port=self.smtp_port or PORTS[self.smtp_tls],
            sender=self.smtp_from,
            tls=self.smtp_tls,
            user=self.smtp_user,
            password=password,
        )

    def require_available(self) -> None:
        """Refuse settings that this version does not support; they are never ignored.

        Raises:
            NotAvailable: a variable of a later version is set.
        """
        if self.url:
            name = "BUCKETLIFT_URL"
            raise NotAvailable("Not available in this version", to=name, hint=f"Unset {name}.")


def _listed(value: str | None) -> tuple[str, ...]:
    return tuple(each.strip().rstrip("/") for each in (value or "").split(",") if each.strip())


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        RequestWrong: a variable has an invalid value.
    """
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        if first["msg"] == NO_HOME:
            raise RequestWrong(
                f"This user has no home folder, and HOME is not set (user ID {os.getuid()})",
                to="BUCKETLIFT_HOME",
                hint="Set BUCKETLIFT_HOME to a folder that this user may write to, such as /data.",
            ) from None
        name = f"BUCKETLIFT_{str(first['loc'][0]).upper()}"
        raise RequestWrong(
            f"A setting is wrong ({first['msg']})", to=name, hint=f"Correct or unset {name}."
        ) from None
