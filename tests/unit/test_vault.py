"""Secrets at rest."""

from __future__ import annotations

import stat
from datetime import datetime

import pytest
from cryptography.fernet import Fernet

from bucketlift.errors import SecretUnreadable
from bucketlift.model.account import EnvSecret, FileSecret, VaultSecret
from bucketlift.vault import Vault
from builders import NOON


class Shelf:
    """Sealed secrets in memory."""

    def __init__(self) -> None:
        self.sealed: dict[str, bytes] = {}

    def names(self) -> tuple[str, ...]:
        return tuple(self.sealed)

    def get(self, name: str) -> bytes | None:
        return self.sealed.get(name)

    def put(self, name: str, sealed: bytes, *, now: datetime) -> None:
        self.sealed[name] = sealed


def test_a_secret_rests_sealed_and_comes_back(tmp_path):
    shelf = Shelf()
    vault = Vault(shelf, tmp_path / "key")

    vault.put("lab", "canary-value", now=NOON)

    assert vault.reveal(VaultSecret(secret="lab")) == "canary-value"
    assert b"canary-value" not in shelf.sealed["lab"]


def test_the_key_is_readable_by_its_owner_only(tmp_path):
    Vault(Shelf(), tmp_path / "key").put("lab", "v", now=NOON)

    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600


def test_another_key_is_refused_and_nothing_is_changed(tmp_path):
    shelf = Shelf()
    Vault(shelf, tmp_path / "key").put("lab", "v", now=NOON)
    (tmp_path / "other").write_bytes(Fernet.generate_key())
    before = dict(shelf.sealed)

    with pytest.raises(SecretUnreadable, match="sealed with another key"):
        Vault(shelf, tmp_path / "other").reveal(VaultSecret(secret="lab"))

    assert shelf.sealed == before


def test_a_lost_key_is_not_made_anew(tmp_path):
    shelf = Shelf()
    Vault(shelf, tmp_path / "key").put("lab", "v", now=NOON)
    (tmp_path / "key").unlink()

    with pytest.raises(SecretUnreadable, match="The key of the vault cannot be read"):
        Vault(shelf, tmp_path / "key").put("second", "v", now=NOON)

    assert not (tmp_path / "key").exists()


def test_references_are_looked_up_when_they_are_used(tmp_path, monkeypatch):
    vault = Vault(Shelf(), tmp_path / "key")
    monkeypatch.setenv("LAB_KEY", "from-the-environment")
    (tmp_path / "secret").write_text("from-a-file\n")

    assert vault.reveal(EnvSecret(env="LAB_KEY")) == "from-the-environment"
    assert vault.reveal(FileSecret(file=str(tmp_path / "secret"))) == "from-a-file"


@pytest.mark.parametrize(
    ("reference", "text"),
    [
        (EnvSecret(env="NOT_SET"), "The environment variable of a secret is not set: NOT_SET."),
        (FileSecret(file="/nowhere"), r"The file of a secret cannot be read \(No such file or directory\)"),
        (VaultSecret(secret="lab"), "There is no secret of this name: lab."),
    ],
)
def test_a_secret_that_is_not_there_is_named(tmp_path, reference, text):
    with pytest.raises(SecretUnreadable, match=text):
        Vault(Shelf(), tmp_path / "key").reveal(reference)
