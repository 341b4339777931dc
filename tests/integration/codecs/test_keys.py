"""Keys made, brought along, shown and deleted: their private parts rest sealed and are never shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.bootstrap import open_app
from bucketlift.errors import NotFound, RequestWrong, SecretUnreadable
from bucketlift.model.account import VaultSecret
from bucketlift.model.pgp import KeyKind, PgpKey
from bucketlift.service.secrets import keys, secrets
from bucketlift.settings import Settings
from integration.codecs.test_pgp import revoke

pytestmark = pytest.mark.slow


@pytest.fixture
def app(sender, tmp_path):
    with open_app(Settings(home=tmp_path / "home")) as opened:
        yield opened


def test_a_key_that_is_made_expires_when_it_was_said_and_a_sender_can_use_it(app, sender):
    made = keys.create_key(app, "hr-2026", email="hr@example.com", expires="2y", algorithm="ed25519")

    sender.take(made.public)
    assert (made.kind, made.user_id) == (KeyKind.DECRYPT, "hr-2026 <hr@example.com>")
    assert made.expires_at is not None
    assert timedelta(days=728) < made.expires_at - app.now() < timedelta(days=732)
    assert sender.encrypt(b"id\n", made.fingerprint)
    assert app.ledger.keys.all() == {"hr-2026": made}
    assert app.vault.private_key("hr-2026").startswith("-----BEGIN PGP PRIVATE KEY BLOCK-----")


@pytest.mark.parametrize(
    "wrong", [{"email": "x\nName-Comment: y"}, {"email": "hr"}, {"expires": "2y\n%echo"}, {"expires": "-1d"}]
)
def test_what_would_not_be_a_key_is_refused(app, wrong):
    asked = {"email": None, "expires": None, "algorithm": "ed25519", **wrong}

    with pytest.raises(RequestWrong):
        keys.create_key(app, "hr", **asked)

    assert (app.ledger.keys.all(), app.vault.names()) == ({}, ())


@pytest.mark.parametrize("name", ["", "-x", "--batch", "a/b", "../x", "a b", "x\n"])
def test_a_name_that_could_be_an_option_or_a_path_is_refused(app, name):
    with pytest.raises(RequestWrong, match="The name is not valid"):
        keys.create_key(app, name, email=None, expires=None, algorithm="ed25519")


def test_a_private_key_is_brought_out_of_its_passphrase(app, sender):
    sender.make_key("locked", passphrase="open sesame")
    private = sender.private("locked", "open sesame")

    brought = keys.import_key(app, "hr", private, passphrase="open sesame")

    assert (brought.kind, brought.fingerprint) == (KeyKind.DECRYPT, app.ledger.keys.get("hr").fingerprint)
    for other, told in (("", "is protected by a passphrase"), ("close", "does not open the private key")):
        with pytest.raises(RequestWrong, match=told):
            keys.import_key(app, "hr2", private, passphrase=other)


def test_a_sender_s_key_is_a_signer_and_has_no_private_part(app, sender):
    brought = keys.import_key(app, "sam", sender.public("sam"))

    assert (brought.kind, brought.user_id, app.vault.names()) == (KeyKind.SIGNER, "sam", ())
    with pytest.raises(SecretUnreadable):
        app.vault.private_key("sam")


@pytest.mark.parametrize(
    "content", [b"", b"id,name\n1,Ann\n", b"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nxx\n"]
)
def test_a_file_without_a_key_is_refused(app, content):
    with pytest.raises(RequestWrong, match="The file contains no key"):
        keys.import_key(app, "hr", content)


def test_a_file_with_two_keys_is_refused(app, sender):
    with pytest.raises(RequestWrong, match="The file contains 2 keys"):
        keys.import_key(app, "hr", sender.public("sam") + sender.public("eve"))


def test_the_same_key_again_brings_its_new_dates_and_another_key_is_refused(app, sender):
    sender.make_key("ann", expires="10d")
    first = keys.import_key(app, "ann", sender.public("ann"))

    sender.gpg("--quick-set-expire", first.fingerprint, "3y")
    renewed = keys.import_key(app, "ann", sender.public("ann"))

    assert first.expires_at is not None
    assert renewed.expires_at is not None
    assert renewed.expires_at - first.expires_at > timedelta(days=1000)
    with pytest.raises(RequestWrong, match="Another key has this name"):
        keys.import_key(app, "ann", sender.public("sam"))


def test_a_revoked_key_is_not_taken_but_its_revocation_is(app, sender):
    sender.make_key("bob")
    keys.import_key(app, "bob", sender.public("bob"))
    revoke(sender, "bob")

    keys.import_key(app, "bob", sender.public("bob"))

    with pytest.raises(RequestWrong, match="The key is revoked"):
        keys.import_key(app, "bob2", sender.public("bob"))


def test_a_deleted_key_takes_its_private_part_along(app):
    keys.create_key(app, "hr", email=None, expires=None, algorithm="ed25519")

    keys.delete(app, "hr")

    assert (app.ledger.keys.all(), app.vault.names()) == ({}, ())
    with pytest.raises(NotFound):
        keys.delete(app, "hr")


def test_no_secret_of_an_account_names_a_private_key(app):
    keys.create_key(app, "hr", email=None, expires=None, algorithm="ed25519")

    with pytest.raises(SecretUnreadable):
        app.vault.reveal(VaultSecret(secret="key/hr"))
    with pytest.raises(RequestWrong):
        secrets.put(app, "key/hr", "x")
    with pytest.raises(RequestWrong):
        secrets.delete(app, "key/hr")
    assert secrets.users(app) == {"key/hr": ["PGP key hr"]}


def test_a_lost_vault_key_forgets_private_parts_and_says_what_to_do(app):
    keys.create_key(app, "hr", email=None, expires=None, algorithm="ed25519")

    secrets.reset(app)

    with pytest.raises(SecretUnreadable) as missing:
        app.vault.private_key("hr")
    assert missing.value.to == "hr"


def test_nothing_is_left_of_the_homes_that_gpg_had(app):
    keys.create_key(app, "hr", email=None, expires=None, algorithm="ed25519")

    left = {path.name for path in app.home.iterdir()}
    assert left - {"ledger.sqlite-shm", "ledger.sqlite-wal"} == {"key", "ledger.sqlite"}


NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expires_at", "told"),
    [
        (None, None),
        (NOON + timedelta(days=31), None),
        (NOON + timedelta(days=29), "PGP key hr expires on 2026-12-21"),
        (NOON - timedelta(days=1), "PGP key hr expired on 2026-11-21"),
    ],
)
def test_a_key_warns_a_month_before_it_expires(expires_at, told):
    key = PgpKey(
        name="hr",
        kind=KeyKind.DECRYPT,
        fingerprint="F",
        user_id="hr",
        public="",
        made_at=NOON,
        expires_at=expires_at,
    )

    assert key.warning(NOON) == told
