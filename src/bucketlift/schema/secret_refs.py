"""The settings that refer to secrets, in the workflow file. The secrets themselves are never written there."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator

from bucketlift.model.account import SecretRef
from bucketlift.schema.shape import Shape, exactly_one, invalid
from bucketlift.schema.values import LocalPath, Text, written_as

_REFERENCE = "Name where the secret is stored: {env: NAME}, {file: PATH} or {secret: NAME}."


class SecretShape(Shape, model=SecretRef):
    """Where a secret is stored: in an environment variable, in a file, or in the vault."""

    env: Text | None = None
    file: LocalPath | None = None
    secret: Text | None = None

    _one = exactly_one(
        "env", "file", "secret", what="a secret is stored in exactly one place", hint=_REFERENCE
    )


def _no_plain_secret(value: Any) -> Any:
    if not isinstance(value, dict):
        raise invalid("a secret must not be written in the file itself", _REFERENCE)
    return value


Secret = Annotated[
    SecretRef, written_as(SecretShape), BeforeValidator(_no_plain_secret, json_schema_input_type=SecretShape)
]
