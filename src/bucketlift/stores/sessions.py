"""Clients that sign for an account: with an assumed role, our own identity, or static keys."""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from botocore.config import Config
from botocore.credentials import AssumeRoleCredentialFetcher, DeferredRefreshableCredentials
from botocore.exceptions import BotoCoreError, ClientError, InvalidRegionError, NoCredentialsError
from botocore.handlers import decode_list_object_v2
from botocore.loaders import create_loader
from botocore.session import Session

from bucketlift.certificates import bundle
from bucketlift.errors import RequestWrong
from bucketlift.model.account import AwsAmbient, AwsKeys, AwsRole, S3Account, S3Compatible
from bucketlift.rules.legible import legible
from bucketlift.stores.credentials import CredentialsUnusable, guard, set_credentials
from bucketlift.stores.parsing import parsers
from bucketlift.stores.transport import wrong_setting

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

SESSION_SECONDS = 3600
"""The duration of sessions in seconds. Every role allows this duration, even a role that is assumed by
another role.
"""

POLICY_TOO_LARGE = "PackedPolicyTooLarge"
CONNECTIONS = 16

_S3_ENDPOINTS = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL")

_descriptions = create_loader()


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Time limits in seconds. ``read`` is the maximum wait for the next byte, not for the whole body."""

    connect: float = 10
    read: float = 60


USUAL = Timeouts()


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Everything that is needed to create a client of an account."""

    account: S3Account
    keys: tuple[str, str] | None
    session_policies: tuple[str, ...]
    """The session policies to try in order. If STS reports that one is too large, the next is used. Empty: no
    session policy.
    """
    session_name: str
    timeouts: Timeouts


class Connection:
    """The only client of a store. It is thread-safe. If its session expires early, the client is created
    again.
    """

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._lock = threading.Lock()
        self._client = make_client(signer)

    @property
    def client(self) -> S3Client:
        return self._client

    def renewed(self, expired: S3Client) -> S3Client:
        """A client with a new session. If another thread has already replaced the expired client, that client
        is returned.
        """
        with self._lock:
            if self._client is expired:
                self._client = make_client(self._signer)
            return self._client

    def close(self) -> None:
        self._client.close()


def make_client(signer: Signer) -> S3Client:
    match signer.account:
        case AwsRole():
            return _assumed(signer, signer.account)
        case AwsAmbient():
            return _of_aws(signer, own_session(), signer.account.region)
        case AwsKeys():
            return _of_aws(signer, _with_keys(signer), signer.account.region)
        case S3Compatible():
            return _elsewhere(signer, signer.account)


def own_session() -> Session:
    """A session that signs with Bucketlift's own identity.

    Raises:
        NoCredentialsError: Bucketlift has no AWS identity.
    """
    session = new_session()
    if not guard(session):
        raise NoCredentialsError
    return session


def _with_keys(signer: Signer) -> Session:
    if signer.keys is None:
        raise NoCredentialsError
    session = new_session()
    session.set_credentials(*signer.keys)
    return session


def _assumed(signer: Signer, account: AwsRole) -> S3Client:
    session = own_session()
    fetchers = [
        AssumeRoleCredentialFetcher(
            client_creator=partial(client_of, session, region_name=account.region, config=_config(signer)),
            source_credentials=session.get_credentials(),
            role_arn=account.role_arn,
            extra_args=_assume_arguments(signer, account, policy),
        )
        for policy in signer.session_policies or (None,)
    ]
    assumed = new_session()
    set_credentials(
        assumed,
        DeferredRefreshableCredentials(refresh_using=partial(_fitting, fetchers), method="assume-role"),
    )
    return _of_aws(signer, assumed, account.region)


def _fitting(fetchers: Sequence[AssumeRoleCredentialFetcher]) -> Any:
    """The credentials of a session with the first policy that is small enough. The maximum size depends on
    the session's tags.
    """
    for fetcher in fetchers[:-1]:
        try:
            return fetcher.fetch_credentials()
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != POLICY_TOO_LARGE:
                raise
    return fetchers[-1].fetch_credentials()


def _of_aws(signer: Signer, session: Session, region: str) -> S3Client:
    # A custom endpoint is a server, not AWS: bucket names are not host names there.
    elsewhere = any(os.environ.get(name) for name in _S3_ENDPOINTS)
    style = {"s3": {"addressing_style": "path"}} if elsewhere else {}
    return _client(session, region, _config(signer, **style))


def sts_client(signer: Signer, session: Session, region: str) -> Any:
    return client_of(session, "sts", region_name=region, config=_config(signer))


def _assume_arguments(signer: Signer, account: AwsRole, policy: str | None) -> dict[str, Any]:
    arguments: dict[str, Any] = {"RoleSessionName": signer.session_name, "DurationSeconds": SESSION_SECONDS}
    if account.external_id:
        arguments["ExternalId"] = account.external_id
    if policy is not None:
        arguments["Policy"] = policy
    return arguments


def _elsewhere(signer: Signer, account: S3Compatible) -> S3Client:
    # Many stores support neither virtual hosts nor the newer checksums.
    config = _config(
        signer,
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return _client(_with_keys(signer), account.region, config, account.endpoint_url)


def _client(session: Session, region: str, config: Config, endpoint_url: str | None = None) -> S3Client:
    """The same client that boto3 makes, without the time to import boto3's code for transfers and resources."""
    client = client_of(session, "s3", region_name=region, endpoint_url=endpoint_url, config=config)
    # Botocore fails on an entry without a key; keys are decoded where a listing is checked.
    client.meta.events.unregister("after-call.s3.ListObjectsV2", decode_list_object_v2)
    return cast("S3Client", client)


def client_of(session: Session, service: str, **how: Any) -> Any:
    """Create a client. This sends nothing, so if it fails, a setting of this machine is the cause.

    Raises:
        RequestWrong: an AWS setting of the environment or of the profile is invalid.
    """
    for name, address in _addresses(service, how.get("endpoint_url")):
        require_address(address, name)
    try:
        return session.create_client(service, verify=bundle(), **how)
    except (NoCredentialsError, InvalidRegionError, CredentialsUnusable):
        raise
    except (BotoCoreError, ValueError) as error:
        raise wrong_setting(error, service) from error


def _addresses(service: str, endpoint_url: str | None) -> list[tuple[str, str | None]]:
    """The endpoints that are configured for a client, each with the name of its setting."""
    if endpoint_url is not None:
        return [("endpoint_url", endpoint_url)]
    names = (f"AWS_ENDPOINT_URL_{service.upper()}", "AWS_ENDPOINT_URL")
    return [(name, os.environ.get(name)) for name in names]


def require_address(value: str | None, name: str) -> None:
    """Refuse an invalid server address, because the error of a library would not be clear.

    Raises:
        RequestWrong: the address is invalid.
    """
    if not value or _is_address(value):
        return
    unquoted = f"http://{value.rpartition('//')[2]}"
    raise RequestWrong(
        f"This is not a valid server address: {legible(value)}",
        to=name,
        hint="Write the address with http:// or https://, as in "
        + (legible(unquoted) if _is_address(unquoted) else "http://HOST:PORT"),
    )


def _is_address(value: str) -> bool:
    try:
        parts = urlsplit(value)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def new_session() -> Session:
    """A new session. All sessions share the description of S3, because it takes a quarter of a second to
    load.
    """
    session = Session()
    session.register_component("data_loader", _descriptions)
    session.register_component("response_parser_factory", parsers())
    return session


def _config(signer: Signer, **more: Any) -> Config:
    return Config(
        connect_timeout=signer.timeouts.connect,
        read_timeout=signer.timeouts.read,
        max_pool_connections=CONNECTIONS,
        retries={"mode": "standard", "total_max_attempts": 4},
        **more,
    )
