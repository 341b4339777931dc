"""Encrypts and decrypts secrets, and rotates their key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.errors import NotFound, RequestWrong, SecretUnreadable
from bucketlift.model.account import EnvSecret, FileSecret, SecretRef, VaultSecret
from bucketlift.vault.key_check import check_of, fits
from bucketlift.vault.key_file import KeyFile, new_key
from bucketlift.vault.references import from_environment, from_file
from bucketlift.vault.secret_store import Changes, SecretStore

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """The counts of a rotation."""

    secrets: int
    """Number of secrets that were encrypted again."""
    taken_up: bool
    """Whether the newest key was already in the file, because a person added it or a rotation was
    interrupted.
    """
    old_keys_left: int
    """Number of unused keys that could not be removed from the file."""


KEYS = "key/"
"""The start of the names of private PGP keys. A reference to a secret cannot have such a name."""


class Vault:
    """Stores secrets encrypted. Other parts of Bucketlift show only their names and references."""

    def __init__(self, store: SecretStore, key_file: Path) -> None:
        self._store = store
        self._file = KeyFile(key_file)

    def names(self) -> tuple[str, ...]:
        return self._store.names()

    def check_key(self) -> None:
        """Refuse a key file that cannot decrypt the stored secrets. If no secret is stored, every key file is
        accepted.

        Raises:
            SecretUnreadable: the file does not exist, other users may read it, or it contains other keys.
        """
        check = self._store.key_check()
        while check is not None and not fits(check, self._file.keys()):
            # A rotation may run between the two reads: refuse only if both agree.
            known, check = check, self._store.key_check()
            if check == known:
                raise self._other_key("The content of the vault")

    def put(self, name: str, value: str, *, now: datetime) -> None:
        """Encrypt and store a secret under a name. A former value is replaced.

        Raises:
            RequestWrong: the name belongs to a private key.
        """
        with self._store.changing() as changes:
            self.put_on(changes, name, value, now=now)

    def put_on(self, changes: Changes, name: str, value: str, *, now: datetime) -> None:
        """Store a secret like ``put``, as part of a larger change."""
        if name.startswith(KEYS):
            raise RequestWrong(
                "Names with this prefix are reserved for PGP keys",
                to=name,
                hint="Choose another name for the secret.",
            )
        self._put(changes, name, value, now)

    def put_private_key(self, key: str, value: str, *, now: datetime) -> None:
        with self._store.changing() as changes:
            self._put(changes, KEYS + key, value, now)

    def private_key(self, key: str) -> str:
        """The private key with this name.

        Raises:
            SecretUnreadable: the key does not exist, or was encrypted with another key of the vault.
        """
        return self._from_store(KEYS + key)

    def forget_private_key(self, key: str) -> None:
        """Delete a private key, if it exists."""
        with self._store.changing() as changes:
            changes.remove(KEYS + key)
            if not changes.all():
                changes.set_key_check(None)

    def _put(self, changes: Changes, name: str, value: str, now: datetime) -> None:
        keys = self._keys_of(changes)
        changes.put(name, _sealer(keys[:1]).encrypt(value.encode()), now=now)
        if changes.key_check() is None:
            changes.set_key_check(check_of(keys[0]))

    def delete(self, name: str) -> None:
        """Delete a secret permanently.

        Raises:
            NotFound: there is no secret with this name.
        """
        with self._store.changing() as changes:
            names = changes.all()
            if name not in names:
                raise NotFound(
                    "The secret does not exist",
                    to=name,
                    hint=f"Known secrets: {', '.join(names) or 'there is no secret yet'}.",
                )
            changes.remove(name)
            if len(names) == 1:
                changes.set_key_check(None)

    def reset(self) -> tuple[str, ...]:
        """Delete every secret, after the vault's key was lost. Returns the names of the secrets, so that a
        person can set them again.
        """
        with self._store.changing() as changes:
            names = tuple(changes.all())
            for name in names:
                changes.remove(name)
            changes.set_key_check(None)
        return names

    def reveal(self, reference: SecretRef) -> str:
        """The secret to which a reference refers. It is read on each call and never cached.

        Raises:
            SecretUnreadable: the variable, file or secret does not exist, or was encrypted with another key.
        """
        match reference:
            case EnvSecret(env=name):
                return from_environment(name)
            case FileSecret(file=name):
                return from_file(Path(name))
            case VaultSecret(secret=name) if not name.startswith(KEYS):
                return self._from_store(name)
            case VaultSecret(secret=name):
                raise SecretUnreadable(
                    "A PGP key cannot be an account's secret", to=name, hint="Use a secret with another name."
                )

    def rotate(self, *, now: datetime, brought: bool = False) -> Rotated:
        """Encrypt every secret with a new key, and remove the old keys from the file.

        At every moment the file contains the keys of all encrypted secrets, so readers can continue. The next
        rotation completes an interrupted one: if the file contains several keys, the first is the new one.
        ``brought``: use only a key that a person added, because a key that is created here would be missing
        in the key files of other hosts.

        Raises:
            RequestWrong: there is no secret or no added key, the file cannot be written, or another rotation
            runs; nothing was changed.
            SecretUnreadable: a secret was encrypted with a key that the file does not contain; nothing was
            changed.
        """
        with self._file.alone():
            return self._rotate(now, brought=brought)

    def _rotate(self, now: datetime, *, brought: bool) -> Rotated:
        with self._store.changing() as changes:
            known = self._file.keys() if changes.all() or self._file.exists() else ()
            if not known:
                raise RequestWrong(
                    "There is no key to rotate: no secret is stored yet",
                    to=str(self._file),
                    hint="bucketlift secrets set NAME stores a secret and creates the key.",
                )
            if brought and len(known) == 1:
                raise _must_be_brought(self._file)
            self._require_readable(changes, known)
            keys = known if len(known) > 1 else (new_key(), *known)
            if keys != known:
                self._replace(changes, known, keys)
            sealed = _encrypt_again(changes, keys, now)
        left = self._drop_old_keys()
        return Rotated(secrets=sealed, taken_up=keys == known, old_keys_left=left)

    def _replace(self, changes: Changes, known: tuple[bytes, ...], keys: tuple[bytes, ...]) -> None:
        """Write the keys to the file, after a last check that our lock in the ledger is still valid: it may
        expire while this process is suspended.
        """
        check = changes.key_check()
        if self._file.keys() != known or (check is not None and not fits(check, known)):
            raise RequestWrong(
                "Another process changed the key at the same time",
                to=str(self._file),
                hint="Check the key file, and try again.",
            )
        self._file.replace(keys)

    def _require_readable(self, changes: Changes, keys: tuple[bytes, ...]) -> None:
        for name, sealed in changes.all().items():
            if _opened(keys, sealed) is None:
                raise self._other_key(name)

    def _drop_old_keys(self) -> int:
        """Remove all keys but the newest. Returns the number of old keys that stay because the file cannot be
        written.
        """
        with self._store.changing() as changes:
            keys = self._file.keys()
            if any(_opened(keys[:1], sealed) is None for sealed in changes.all().values()):
                return 0  # a newer key was added in the meantime; the next rotation uses it
            if len(keys) == 1:
                return 0
            try:
                self._replace(changes, keys, keys[:1])
            except RequestWrong:
                return len(keys) - 1
        return 0

    def _from_store(self, name: str) -> str:
        tried = None
        while True:
            sealed = self._store.get(name)
            if sealed is None:
                raise _absent(name)
            keys = self._file.keys()
            value = _opened(keys, sealed)
            if value is not None:
                return value.decode()
            if tried == (sealed, keys):
                raise self._other_key(name)
            tried = (sealed, keys)  # a rotation may run between the two reads

    def _keys_of(self, changes: Changes) -> tuple[bytes, ...]:
        """The keys to encrypt with. They are created if nothing is encrypted yet; otherwise they must decrypt
        the existing secrets.
        """
        sealed = changes.all()
        if not sealed and not self._file.exists():
            return self._file.make()
        keys = self._file.keys()
        check = changes.key_check()
        wrong = not fits(check, keys) if check is not None else False
        if wrong or (check is None and any(_opened(keys, each) is None for each in sealed.values())):
            raise self._other_key("The content of the vault")
        return keys

    def _other_key(self, what: str) -> SecretUnreadable:
        return SecretUnreadable(
            f"{what} was encrypted with a key that is not in the key file",
            to=str(self._file),
            hint="Put the right key file back, or set its path in BUCKETLIFT_KEY_FILE. If it is lost permanently: "
            "`bucketlift secrets reset` deletes the secrets encrypted with it; then set them again.",
        )


def _must_be_brought(file: KeyFile) -> RequestWrong:
    return RequestWrong(
        "Workers on other hosts do not have the new key: it must first be in every key file",
        to=str(file),
        hint="Put a new key on a line before the old one in the key file of every host, then rotate, then remove the old line everywhere: docs/how-to/secrets.md.",
    )


def _absent(name: str) -> SecretUnreadable:
    if name.startswith(KEYS):
        return SecretUnreadable(
            "The private part of this PGP key is not in the vault",
            to=name.removeprefix(KEYS),
            hint="Import the key again with `bucketlift keys import` if you kept a copy; otherwise create a new key.",
        )
    return SecretUnreadable(
        "The secret does not exist", to=name, hint=f"Set the secret: bucketlift secrets set {name}"
    )


def _sealer(keys: tuple[bytes, ...]) -> MultiFernet:
    # Imported late: commands without a secret do not wait for it.
    from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415

    return MultiFernet([Fernet(key) for key in keys])


def _opened(keys: tuple[bytes, ...], sealed: bytes) -> bytes | None:
    from cryptography.fernet import InvalidToken  # noqa: PLC0415

    try:
        return _sealer(keys).decrypt(sealed)
    except InvalidToken:
        return None


def _encrypt_again(changes: Changes, keys: tuple[bytes, ...], now: datetime) -> int:
    sealer = _sealer(keys)
    secrets = changes.all()
    for name, sealed in secrets.items():
        changes.put(name, sealer.rotate(sealed), now=now)
    changes.set_key_check(check_of(keys[0]) if secrets else None)
    return len(secrets)
