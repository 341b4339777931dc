"""Accounts: from the file's shape to model values."""

from __future__ import annotations

import os
from pathlib import Path
from typing import assert_never

from bucketlift.definition.places import (
    AccountShape,
    AwsKeysShape,
    AwsRoleShape,
    AwsShape,
    S3CompatibleShape,
    SecretShape,
)
from bucketlift.model.account import (
    AccountSettings,
    AwsAmbient,
    AwsKeys,
    AwsRole,
    EnvSecret,
    FileSecret,
    S3Compatible,
    SecretRef,
    VaultSecret,
)


def account_settings(shape: AccountShape, folder: Path) -> AccountSettings:
    match shape:
        case AwsRoleShape():
            return AwsRole(role_arn=shape.role_arn, region=shape.region, bucket_owner=shape.bucket_owner)
        case S3CompatibleShape():
            return S3Compatible(
                endpoint_url=shape.endpoint_url,
                access_key=secret_reference(shape.access_key, folder),
                secret_key=secret_reference(shape.secret_key, folder),
                region=shape.region,
                accept_weak_store=shape.accept_weak_store,
                store_name=shape.store,
            )
        case AwsShape():
            return AwsAmbient(region=shape.region, bucket_owner=shape.bucket_owner)
        case AwsKeysShape():
            return AwsKeys(
                access_key=secret_reference(shape.access_key, folder),
                secret_key=secret_reference(shape.secret_key, folder),
                region=shape.region,
                bucket_owner=shape.bucket_owner,
            )
        case _:
            assert_never(shape)


def secret_reference(shape: SecretShape, folder: Path) -> SecretRef:
    if shape.env is not None:
        return EnvSecret(env=shape.env)
    if shape.file is not None:
        return FileSecret(file=absolute(shape.file, folder))
    return VaultSecret(secret=shape.secret or "")


def absolute(path: str, folder: Path) -> str:
    return os.path.normpath(folder / path)
