"""Secrets at rest."""

from __future__ import annotations

import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import pytest

from bucketlift.errors import NotFound, RequestWrong, SecretUnreadable
from bucketlift.model.account import EnvSecret, FileSecret, VaultSecret
from bucketlift.vault import Vault
from bucketlift.vault.key_file import KeyFile, new_key
from bucketlift.vault.vault import Rotated
from builders import NOON

LAB = VaultSecret(secret="lab")


class SecretStore:
    """Sealed secrets in memory."""

    def __init__(self) -> None:
        self.sealed: dict[str, bytes] = {}
        self.check: bytes | None = None
        self._lock = threading.Lock()

    def names(self) -> tuple[str, ...]:
        return tuple(self.sealed)

    def get(self, name: str) -> bytes | None:
        return self.sealed.get(name)

    def key_check(self) -> bytes | None:
        return self.check

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        with self._lock:
            inside = Changing(dict(self.sealed), self.check)
            yield inside
            self.sealed, self.check = inside.sealed, inside.check


class Changing:
    def __init__(self, sealed: dict[str, bytes], check: bytes | None) -> None:
        self.sealed = sealed
        self.check = check

    def all(self) -> dict[str, bytes]:
        return dict(self.sealed)

    def key_check(self) -> bytes | None:
        return self.check

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None:
        self.sealed[name] = sealed

    def remove(self, name: str) -> None:
        del self.sealed[name]

    def set_key_check(self, check: bytes | None) -> None:
        self.check = check


class BreaksOff(SecretStore):
    """Fails its transaction at the end, as a process does that is killed before the commit."""

    @contextmanager
    def changing(self) -> Iterator[Changing]:
        with super().changing() as inside:
            yield inside
            raise KeyboardInterrupt


def write_keys(path: Path, *keys: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(b"\n".join(keys) + b"\n")
    path.chmod(mode)
    return path


def test_a_secret_rests_sealed_and_comes_back(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")

    vault.put("lab", "canary-value", now=NOON)

    assert vault.reveal(LAB) == "canary-value"
    assert b"canary-value" not in shelf.sealed["lab"]


def test_the_key_is_readable_by_its_owner_only(tmp_path):
    Vault(SecretStore(), tmp_path / "home" / "key").put("lab", "v", now=NOON)

    assert stat.S_IMODE((tmp_path / "home" / "key").stat().st_mode) == 0o600
    assert [each.name for each in (tmp_path / "home").iterdir()] == ["key"]


def test_another_key_is_refused_and_nothing_is_changed(tmp_path):
    shelf = SecretStore()
    Vault(shelf, tmp_path / "key").put("lab", "v", now=NOON)
    other = Vault(shelf, write_keys(tmp_path / "other", new_key()))
    before = dict(shelf.sealed)

    with pytest.raises(SecretUnreadable, match="lab was encrypted with a key that is not in the key file"):
        other.reveal(LAB)
    with pytest.raises(SecretUnreadable, match="The content of the vault was encrypted with a key"):
        other.check_key()
    with pytest.raises(SecretUnreadable, match="encrypted with a key that is not in the key file"):
        other.put("second", "v", now=NOON)
    with pytest.raises(SecretUnreadable, match="encrypted with a key that is not in the key file"):
        other.rotate(now=NOON)

    assert shelf.sealed == before


def test_a_lost_key_is_not_made_anew(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    (tmp_path / "key").unlink()

    with pytest.raises(SecretUnreadable, match="The key of the vault cannot be read"):
        vault.put("second", "v", now=NOON)
    with pytest.raises(SecretUnreadable, match="The key of the vault cannot be read"):
        vault.check_key()

    assert not (tmp_path / "key").exists()


def test_a_key_that_others_may_read_is_refused_with_what_to_do(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    (tmp_path / "key").chmod(0o640)

    with pytest.raises(SecretUnreadable, match=r"mode 0640.*chmod 600"):
        vault.reveal(LAB)


@pytest.mark.parametrize("content", [b"", b"not a key\n", b"QUJD\n"])
def test_a_file_without_a_key_is_refused(tmp_path, content):
    path = tmp_path / "key"
    path.write_bytes(content)
    path.chmod(0o600)

    with pytest.raises(SecretUnreadable, match="The file contains no key of the vault"):
        Vault(SecretStore(), path).put("lab", "v", now=NOON)


def test_without_a_secret_no_key_is_asked_for(tmp_path):
    Vault(SecretStore(), tmp_path / "key").check_key()

    assert not (tmp_path / "key").exists()


def test_a_rotation_leaves_one_new_key_that_opens_everything(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "first", now=NOON)
    vault.put("mail", "second", now=NOON)
    before, old = dict(shelf.sealed), (tmp_path / "key").read_bytes()

    done = vault.rotate(now=NOON)

    assert (done.secrets, done.taken_up, done.old_keys_left) == (2, False, 0)
    assert (vault.reveal(LAB), vault.reveal(VaultSecret(secret="mail"))) == ("first", "second")
    assert len(KeyFile(tmp_path / "key").keys()) == 1
    assert (tmp_path / "key").read_bytes() != old
    assert not set(before.values()) & set(shelf.sealed.values())
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    vault.check_key()


def test_the_old_key_opens_nothing_after_a_rotation(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    kept = write_keys(tmp_path / "kept", *KeyFile(tmp_path / "key").keys())

    vault.rotate(now=NOON)

    with pytest.raises(SecretUnreadable, match="encrypted with a key that is not in the key file"):
        Vault(shelf, kept).check_key()
    with pytest.raises(SecretUnreadable, match="encrypted with a key that is not in the key file"):
        Vault(shelf, kept).reveal(LAB)


def test_a_rotation_that_broke_off_is_taken_up_by_the_next(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    broken = BreaksOff()
    broken.sealed, broken.check = dict(shelf.sealed), shelf.check
    with pytest.raises(KeyboardInterrupt):
        Vault(broken, tmp_path / "key").rotate(now=NOON)
    new, _ = KeyFile(tmp_path / "key").keys()
    between = vault.reveal(LAB)
    vault.check_key()

    done = vault.rotate(now=NOON)

    assert (done.taken_up, done.old_keys_left) == (True, 0)
    assert (between, vault.reveal(LAB)) == ("v", "v")
    assert KeyFile(tmp_path / "key").keys() == (new,)


class ReadOnly(KeyFile):
    """On a mount that nobody here may write to."""

    def replace(self, keys):
        raise self._unwritable(OSError(30, "Read-only file system"))


def test_a_key_put_first_by_hand_is_rotated_to_where_the_file_is_read_only(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    (old,) = KeyFile(tmp_path / "key").keys()
    new = new_key()
    write_keys(tmp_path / "key", new, old)
    vault._file = ReadOnly(tmp_path / "key")

    done = vault.rotate(now=NOON)

    assert (done.taken_up, done.old_keys_left) == (True, 1)
    assert Vault(shelf, write_keys(tmp_path / "key", new)).reveal(LAB) == "v"


def test_a_read_only_file_refuses_a_new_key_and_nothing_is_changed(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    before = dict(shelf.sealed)
    vault._file = ReadOnly(tmp_path / "key")

    with pytest.raises(RequestWrong, match=r"cannot be written \(Read-only file system\)"):
        vault.rotate(now=NOON)

    assert (shelf.sealed, vault.reveal(LAB)) == (before, "v")


def test_nothing_is_rotated_where_nothing_was_sealed(tmp_path):
    with pytest.raises(RequestWrong, match="There is no key to rotate"):
        Vault(SecretStore(), tmp_path / "key").rotate(now=NOON)


def test_a_deleted_secret_is_gone_and_with_the_last_one_the_key_is_asked_for_no_more(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)

    vault.delete("lab")

    assert (shelf.sealed, shelf.check) == ({}, None)
    with pytest.raises(NotFound, match="The secret does not exist: lab"):
        vault.delete("lab")


def test_a_reset_forgets_what_a_lost_key_sealed(tmp_path):
    shelf = SecretStore()
    vault = Vault(shelf, tmp_path / "key")
    vault.put("lab", "v", now=NOON)
    (tmp_path / "key").unlink()

    forgotten = vault.reset()
    vault.put("lab", "anew", now=NOON)

    assert (forgotten, vault.reveal(LAB)) == (("lab",), "anew")


def test_references_are_looked_up_when_they_are_used(tmp_path, monkeypatch):
    vault = Vault(SecretStore(), tmp_path / "key")
    monkeypatch.setenv("LAB_KEY", "from-the-environment")
    (tmp_path / "secret").write_text("from-a-file\n")

    assert vault.reveal(EnvSecret(env="LAB_KEY")) == "from-the-environment"
    assert vault.reveal(FileSecret(file=str(tmp_path / "secret"))) == "from-a-file"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (EnvSecret(env="NOT_SET"), "The environment variable of a secret is not set: NOT_SET."),
        (FileSecret(file="/nowhere"), r"The file of a secret cannot be read \(No such file or directory\)"),
        (LAB, "The secret does not exist: lab."),
    ],
)
def test_a_secret_that_is_not_there_is_named(tmp_path, reference, text):
    with pytest.raises(SecretUnreadable, match=text):
        Vault(SecretStore(), tmp_path / "key").reveal(reference)


def test_a_key_that_was_brought_is_taken_and_none_is_made(tmp_path):
    shelf, path = SecretStore(), tmp_path / "key"
    vault = Vault(shelf, path)
    vault.put("lab", "v", now=NOON)
    before, (old,) = dict(shelf.sealed), KeyFile(path).keys()
    with pytest.raises(RequestWrong, match="Workers on other hosts do not have the new key"):
        vault.rotate(now=NOON, brought=True)
    refused = (dict(shelf.sealed), KeyFile(path).keys())
    brought = new_key()
    write_keys(path, brought, old)

    done = vault.rotate(now=NOON, brought=True)

    assert refused == (before, (old,))
    assert done == Rotated(secrets=1, taken_up=True, old_keys_left=0)
    assert (KeyFile(path).keys(), vault.reveal(LAB)) == ((brought,), "v")


def test_a_file_that_changed_while_its_turn_was_lost_is_left_alone(tmp_path):
    """A rotation that was frozen so long that the ledger gave its turn to another."""
    shelf, path = SecretStore(), tmp_path / "key"
    vault = Vault(shelf, path)
    vault.put("lab", "v", now=NOON)
    known, (others, translate) = KeyFile(path).keys(), (new_key(), new_key())
    write_keys(path, others)

    with (
        pytest.raises(RequestWrong, match="Another process changed the key at the same time"),
        shelf.changing() as exclusive,
    ):
        vault._replace(exclusive, known, (translate, *known))

    assert KeyFile(path).keys() == (others,)


def test_one_rotation_waits_for_another_that_is_frozen(tmp_path):
    shelf, path = SecretStore(), tmp_path / "key"
    vault = Vault(shelf, path)
    vault.put("lab", "v", now=NOON)
    rotating = threading.Thread(target=lambda: vault.rotate(now=NOON))

    with KeyFile(path).alone():
        rotating.start()
        rotating.join(0.1)
        waited = rotating.is_alive()
    rotating.join()

    assert (waited, vault.reveal(LAB)) == (True, "v")
