"""The shape of accounts in the file, and of the secrets that they name."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bucketlift.definition.shape import ACCOUNT_ID, Shape, Text, said

_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/\S+")
_REFERENCE = "Name where it rests: {env: NAME}, {file: PATH} or {secret: NAME}."


class SecretShape(Shape):
    """Where a secret is: in an environment variable, in a file, or in the vault."""

    env: Text | None = None
    file: Text | None = None
    secret: Text | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len([place for place in (self.env, self.file, self.secret) if place is not None]) != 1:
            raise said("a secret rests in exactly one place", _REFERENCE)
        return self


def _no_plain_secret(value: Any) -> Any:
    if not isinstance(value, dict | SecretShape):
        raise said("a secret must not stand in the file itself", _REFERENCE)
    return value


Secret = Annotated[SecretShape, BeforeValidator(_no_plain_secret, json_schema_input_type=SecretShape)]


def _role_arn(value: str) -> str:
    if not _ROLE_ARN.fullmatch(value):
        raise said("not the ARN of an IAM role", "It looks like arn:aws:iam::111122223333:role/NAME.")
    return value


def _endpoint(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.query or parts.fragment:
        raise said("not the address of a store", "It looks like https://minio.example.com:9000.")
    if parts.username is not None or parts.password is not None:
        raise said("a secret must not stand in an address", "Give access_key and secret_key instead.")
    return value


class AwsRoleShape(Shape):
    """An IAM role that Bucketlift assumes. Bucketlift generates the external ID."""

    kind: Literal["aws-role"]
    role_arn: Annotated[str, AfterValidator(_role_arn)]
    region: Text
    bucket_owner: Annotated[str, Field(pattern=ACCOUNT_ID)] | None = None


class AwsShape(Shape):
    """Reads buckets with Bucketlift's own AWS identity; the operator must allow it (BUCKETLIFT_ALLOW_AMBIENT_AWS)."""

    kind: Literal["aws"]
    region: Text
    bucket_owner: Annotated[str, Field(pattern=ACCOUNT_ID)] | None = None


class AwsKeysShape(Shape):
    """Deprecated: access keys of an IAM user. Use a role."""

    kind: Literal["aws-keys"]
    access_key: Secret
    secret_key: Secret
    region: Text
    bucket_owner: Annotated[str, Field(pattern=ACCOUNT_ID)] | None = None


class S3CompatibleShape(Shape):
    """An S3-compatible store."""

    kind: Literal["s3-compatible"]
    endpoint_url: Annotated[str, AfterValidator(_endpoint)]
    access_key: Secret
    secret_key: Secret
    region: Text = "us-east-1"
    accept_weak_store: bool = False
    store: Text | None = None


AccountShape = Annotated[
    AwsRoleShape | S3CompatibleShape | AwsShape | AwsKeysShape, Field(discriminator="kind")
]
