"""The hosted platform as a destination, in the file."""

from __future__ import annotations

import re
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bucketlift.model.account import OAuthClient, QualtricsDestination
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import Shape, exactly_one, invalid
from bucketlift.schema.values import Items, Text, written_as

_DATACENTER = re.compile("[a-z][a-z0-9]{1,19}")
_POOL = re.compile("POOL_[A-Za-z0-9]+")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
SCOPES = (
    "manage:directory_contacts",
    "manage:contact_transactions",
    "read:directories",
    "read:mailing_lists",
)
"""The scopes of an OAuth client that imports contacts."""


def _base(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.path.strip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        raise invalid("not the address of a platform", "It looks like https://platform.example.com.")
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise invalid("rows and secrets are sent only over https", "Write https://.")
    return value.rstrip("/")


def _datacenter(value: str) -> str:
    if not _DATACENTER.fullmatch(value):
        raise invalid(
            "not the name of a data center",
            "It is the first part of the platform's address: iad1 for https://iad1.qualtrics.com.",
        )
    return value


def _pool(value: str) -> str:
    if not _POOL.fullmatch(value):
        raise invalid("not the ID of a directory of the platform", "It starts with POOL_.")
    return value


class OAuthClientShape(Shape, model=OAuthClient):
    """An OAuth client of the platform, instead of a token."""

    id: Text
    secret: Secret
    scopes: Items[Text] = SCOPES


class QualtricsShape(Shape, model=QualtricsDestination):
    """The hosted platform Qualtrics. This kind of destination was never tried against the real platform."""

    kind: Literal["qualtrics"]
    datacenter: Annotated[str, AfterValidator(_datacenter), Field(examples=["iad1", "fra1"])]
    token: Secret | None = None
    client: Annotated[OAuthClient, written_as(OAuthClientShape)] | None = None
    directory: Annotated[str, AfterValidator(_pool), Field(examples=["POOL_1a2b"])] | None = None
    merges_contacts: bool = False
    base_url: Annotated[str, AfterValidator(_base)] | None = None
    timeout: Annotated[int, Field(ge=1, le=600)] = 60
    max_parallel: Annotated[int, Field(ge=1)] = 5

    _one_way_in = exactly_one(
        *("token", "client"),
        what="the platform is used with either a `token` or a `client`",
        hint="Write token: {secret: NAME}, or client: {id: ID, secret: {secret: NAME}}.",
    )
