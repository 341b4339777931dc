"""Secrets at rest: sealed with a key that is kept outside the ledger."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Protocol

from cryptography.fernet import Fernet, InvalidToken

from bucketlift.errors import SecretUnreadable
from bucketlift.model.account import EnvSecret, FileSecret, SecretRef, VaultSecret


class Shelf(Protocol):
    """Where sealed secrets rest."""

    def names(self) -> tuple[str, ...]: ...

    def get(self, name: str) -> bytes | None: ...

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None: ...


class Vault:
    """Seals and reveals secrets. Only names and references are ever shown."""

    def __init__(self, shelf: Shelf, key_file: Path) -> None:
        self._shelf = shelf
        self._key_file = key_file

    def names(self) -> tuple[str, ...]:
        return self._shelf.names()

    def put(self, name: str, value: str, *, now: datetime) -> None:
        """Seal a secret under a name; a former value under it is gone."""
        self._shelf.put(name, self._fernet(make=not self._shelf.names()).encrypt(value.encode()), now=now)

    def reveal(self, reference: SecretRef) -> str:
        """The secret that a reference names, looked up now and kept nowhere.

        Raises:
            SecretUnreadable: the variable, file or secret is not there, or was sealed with another key.
        """
        match reference:
            case EnvSecret(env=name):
                return _from_environment(name)
            case FileSecret(file=name):
                return _from_file(Path(name))
            case VaultSecret(secret=name):
                return self._from_shelf(name)

    def _from_shelf(self, name: str) -> str:
        sealed = self._shelf.get(name)
        if sealed is None:
            raise SecretUnreadable(
                "There is no secret of this name", to=name, hint=f"Set it: bucketlift secrets set {name}"
            )
        try:
            return self._fernet(make=False).decrypt(sealed).decode()
        except InvalidToken:
            raise SecretUnreadable(
                "The secret was sealed with another key than the one in the key file",
                to=f"{name}, key file {self._key_file}",
                hint="Put the right key file back (BUCKETLIFT_KEY_FILE), or set the secret anew.",
            ) from None

    def _fernet(self, *, make: bool) -> Fernet:
        """The key; it is made only while nothing is sealed yet."""
        if make and not self._key_file.exists():
            self._key_file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._key_file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                file.write(Fernet.generate_key())
        try:
            return Fernet(self._key_file.read_bytes().strip())
        except (OSError, ValueError):
            raise SecretUnreadable(
                "The key of the vault cannot be read",
                to=str(self._key_file),
                hint="Put the key file back, or name it with BUCKETLIFT_KEY_FILE.",
            ) from None


def _from_environment(name: str) -> str:
    value = os.environ.get(name)
    if value is None:
        raise SecretUnreadable(
            "The environment variable of a secret is not set", to=name, hint=f"Set {name} and try again."
        )
    return value


def _from_file(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SecretUnreadable(
            f"The file of a secret cannot be read ({reason})", to=str(path), hint="Put the secret there."
        ) from None
