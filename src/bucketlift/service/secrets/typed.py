"""Secrets that a user types on the page: they are stored in the vault, and settings refer to them."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.service.secrets.references import secret_references


@dataclass(frozen=True, slots=True)
class TypedSecret:
    """A secret in settings, in the place in which a workflow file has a reference to it."""

    key: str
    """The end of the secret's name in the vault."""
    value: str = field(repr=False)
    lines: bool = False
    """Whether the secret may have several lines, as a private key has."""


def with_references(
    owner: str, settings: Mapping[str, Any], *, is_random: bool = True
) -> tuple[dict[str, Any], dict[str, str]]:
    """Replace typed secrets by references. Returns the settings, and the secrets to store by their names.

    On the page, the names are random, so that none can be the name of a secret of the operator.

    Raises:
        RequestWrong: a secret is empty, or has characters that none has.
    """
    stored: dict[str, str] = {}

    def replaced(value: Any) -> Any:
        if isinstance(value, TypedSecret):
            _require_sound(value)
            random = f"{secrets.token_hex(4)}-" if is_random else ""
            name = f"{owner}-{random}{value.key}"
            stored[name] = value.value
            return {"secret": name}
        if isinstance(value, Mapping):
            return {key: replaced(each) for key, each in value.items()}
        return value

    return {key: replaced(each) for key, each in settings.items()}, stored


def typed_names(owner: str, settings: Mapping[str, Any]) -> Iterator[str]:
    """Yield the names of the secrets in settings that were typed on the page for this owner."""
    for source, name in secret_references(settings):
        if source == "secret" and re.fullmatch(rf"{re.escape(owner)}-[0-9a-f]{{8}}-[a-z-]+", name):
            yield name


def _require_sound(secret: TypedSecret) -> None:
    text = secret.value.replace("\r\n", "").replace("\n", "") if secret.lines else secret.value
    if not text:
        raise RequestWrong("Enter the secret", to=secret.key)
    if not text.isprintable():
        raise RequestWrong(
            "The secret contains characters that no secret has", to=secret.key, hint="Copy it again."
        )
