"""What gpg really says of files that are whole, broken, for somebody else, or signed by somebody."""

from __future__ import annotations

import gzip
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from bucketlift.codecs.pgp import Keyring
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Bounds
from gpg import Sender
from integration.codecs.conftest import a_signer, an_opener

pytestmark = pytest.mark.slow

TABLE = b"id,name\n" + b"".join(b"%d,Ann %d\n" % (row, row * 7919) for row in range(3000))


@pytest.fixture(scope="session")
def message(sender) -> bytes:
    return bytes(sender.encrypt(TABLE, "hr"))


@pytest.fixture(scope="session")
def armoured(sender) -> bytes:
    return bytes(sender.encrypt(TABLE, "hr", options=("--armor",)))


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--armor",),
        ("--compress-algo", "none"),
        ("--compress-algo", "bzip2"),
        ("--throw-keyids",),
        ("--cipher-algo", "AES"),
        ("--rfc4880",),
        ("--comment", "-----BEGIN", "--armor"),
    ],
)
def test_what_was_encrypted_for_us_comes_out_as_it_went_in(opened, sender, options):
    assert opened(sender.encrypt(TABLE, "hr", options=options)) == TABLE


def test_a_compressed_file_inside_is_decompressed(opened, sender):
    assert opened(sender.encrypt(gzip.compress(TABLE), "hr")) == TABLE


def test_a_file_for_several_keys_is_opened_by_whichever_the_task_has(
    opened, sender, opener, tmp_path_factory
):
    eve = an_opener(sender, "eve", tmp_path_factory.mktemp("k"))
    keyring = Keyring(openers=(eve, opener))

    assert opened(sender.encrypt(TABLE, "hr"), keyring) == TABLE
    assert opened(sender.encrypt(TABLE, "eve", "sam", options=("--throw-keyids",)), keyring) == TABLE


@pytest.mark.parametrize("tenth", range(1, 10))
def test_a_message_that_is_cut_off_gives_nothing(opened, message, tenth):
    assert reason(opened(message[: len(message) * tenth // 10])) is HeldReason.PGP_DAMAGED


@pytest.mark.parametrize("tenth", range(1, 10))
def test_armour_that_is_cut_off_gives_nothing(opened, armoured, tenth):
    assert reason(opened(armoured[: len(armoured) * tenth // 10])) is HeldReason.PGP_DAMAGED


def test_a_message_without_its_last_byte_gives_nothing(opened, message):
    assert reason(opened(message[:-1])) is HeldReason.PGP_DAMAGED


@pytest.mark.parametrize("place", [40, 0.2, 0.5, 0.8, -25, -5, -1])
def test_a_bit_that_was_flipped_is_noticed(opened, message, place):
    changed = bytearray(message)
    changed[int(len(message) * place) if isinstance(place, float) else place] ^= 1

    assert reason(opened(bytes(changed))) in {HeldReason.PGP_DAMAGED, HeldReason.SEVERAL_MESSAGES}


def test_a_message_for_another_key_is_told_with_the_keys_it_names(opened, sender, tmp_path_factory):
    found = opened(sender.encrypt(TABLE, "eve"))
    hidden = opened(sender.encrypt(TABLE, "eve", options=("--throw-keyids",)))

    listed = sender.gpg("--with-colons", "--list-keys", "eve").decode().splitlines()
    (subkey,) = [line.split(":")[4] for line in listed if line.startswith("sub")]
    assert said(found) == (
        HeldReason.OTHER_KEY,
        f"The file is encrypted for 0x{subkey}, not for a key of this task",
    )
    assert said(hidden) == (
        HeldReason.OTHER_KEY,
        "The file is encrypted for a hidden key, not for a key of this task",
    )


def test_a_message_for_a_passphrase_is_told_so(opened, sender):
    locked = sender.gpg("--pinentry-mode", "loopback", "--passphrase", "x", "--symmetric", given=TABLE)

    assert said(opened(locked)) == (
        HeldReason.OTHER_KEY,
        "The file is encrypted with a passphrase, not for a key",
    )


@pytest.mark.parametrize("cipher", ["3DES", "AES256"])
def test_a_message_without_integrity_protection_is_refused(opened, sender, cipher):
    bare = sender.encrypt(TABLE, "hr", options=("--rfc2440", "--cipher-algo", cipher))

    assert reason(opened(bare)) is HeldReason.NO_INTEGRITY


def test_a_plain_file_is_refused_unless_it_is_allowed(opened):
    assert reason(opened(TABLE)) is HeldReason.NOT_ENCRYPTED
    assert opened(TABLE, required=False) == TABLE
    assert reason(opened(gzip.compress(TABLE))) is HeldReason.NOT_ENCRYPTED


def test_a_file_that_is_signed_only_is_not_encrypted(opened, sender):
    signed = sender.gpg("--local-user", "sam", "--sign", given=TABLE)
    in_armour = sender.gpg("--local-user", "sam", "--armor", "--sign", given=TABLE)
    clear = sender.gpg("--local-user", "sam", "--clear-sign", given=TABLE)

    assert [reason(opened(each)) for each in (signed, in_armour, clear)] == [HeldReason.NOT_ENCRYPTED] * 3


REFUSED = {HeldReason.SEVERAL_MESSAGES, HeldReason.PGP_DAMAGED}
"""A message of a length that it tells ends there; of another, what follows counts as its own and breaks its check sum."""


@pytest.fixture(scope="session")
def of_told_length(sender: Sender, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("m") / "table"
    path.write_bytes(TABLE)
    sender.gpg("--compress-algo", "none", "--recipient", "hr", "--encrypt", str(path))
    return path.with_suffix(".gpg").read_bytes()


def test_two_messages_in_one_file_are_refused(opened, message, of_told_length, armoured):
    both = [of_told_length * 2, armoured * 2, armoured + b"some text\n" + armoured, armoured + message]

    assert [reason(opened(each)) for each in both] == [HeldReason.SEVERAL_MESSAGES] * 4
    assert reason(opened(message + message)) in REFUSED


@pytest.mark.parametrize("tail", [b"\n", b"x", b"id,name\n1,Ann\n", bytes(16)])
def test_bytes_behind_a_message_are_refused(opened, message, of_told_length, tail):
    assert reason(opened(message + tail)) in REFUSED
    assert reason(opened(of_told_length + tail)) in REFUSED


def test_a_plain_packet_before_or_behind_the_message_is_refused(opened, message, of_told_length):
    content = b"b\0\0\0\0\0x,y\n"
    literal = b"\xcb" + bytes([len(content)]) + content

    before, behind = opened(literal + message), opened(message + literal)

    assert (reason(before), behind.reason in REFUSED) == (HeldReason.NOT_ENCRYPTED, True)
    assert reason(opened(of_told_length + literal)) is HeldReason.SEVERAL_MESSAGES


def test_blanks_around_armour_are_no_matter(opened, armoured):
    assert opened(b"\r\n\n" + armoured.replace(b"\n", b"\r\n") + b"\r\n\r\n") == TABLE


def test_a_bomb_is_stopped_before_it_is_written(opened, sender, tmp_path):
    bomb = sender.encrypt(bytes(300_000_000), "hr")
    assert len(bomb) < 1_000_000

    by_bytes = opened(bomb, bounds=Bounds(largest=10_000_000))
    by_ratio = opened(bomb, bounds=Bounds(free=1_000_000, ratio=20))
    by_time = opened(bomb, bounds=Bounds(time=timedelta(0)))

    assert [reason(each) for each in (by_bytes, by_ratio, by_time)] == [
        HeldReason.UNPACKS_TOO_BIG,
        HeldReason.UNPACKS_TOO_BIG,
        HeldReason.UNPACKS_TOO_LONG,
    ]


def test_a_file_for_an_expired_key_waits_until_a_person_accepts_it(opened, sender, tmp_path_factory):
    sender.make_key("old", expires="1d", when="20260101T000000")
    old = an_opener(sender, "old", tmp_path_factory.mktemp("k"), expired=True)
    late = sender.encrypt(TABLE, "old", options=("--faked-system-time", "20260101T120000"))

    held = opened(late, Keyring(openers=(old,)))
    accepted = opened(late, Keyring(openers=(an_opener(sender, "old", tmp_path_factory.mktemp("k")),)))

    assert said(held) == (
        HeldReason.KEY_EXPIRED,
        "The file is encrypted for the key old, which has expired",
    )
    assert accepted == TABLE


class TestSignatures:
    @pytest.fixture
    def signed_by_sam(self, sender, opener, tmp_path_factory):
        sam = a_signer(sender, "sam", tmp_path_factory.mktemp("k"))
        return Keyring(openers=(opener,), signers=(sam,), require_signature=True)

    def test_one_by_a_signer_is_good(self, opened, sender, signed_by_sam):
        assert opened(sender.encrypt(TABLE, "hr", sign="sam"), signed_by_sam) == TABLE

    def test_one_by_somebody_else_is_refused_where_signers_are_named_only(
        self, opened, sender, signed_by_sam
    ):
        by_eve = sender.encrypt(TABLE, "hr", sign="eve")

        assert reason(opened(by_eve, signed_by_sam)) is HeldReason.SIGNATURE_REFUSED
        assert opened(by_eve) == TABLE

    def test_one_by_somebody_else_beside_the_signer_s_is_refused(self, opened, sender, signed_by_sam):
        both = sender.encrypt(TABLE, "hr", sign="sam", options=("--local-user", "eve"))

        assert reason(opened(both, signed_by_sam)) is HeldReason.SIGNATURE_REFUSED

    def test_none_is_refused_only_where_one_is_required(self, opened, message, signed_by_sam):
        optional = Keyring(openers=signed_by_sam.openers, signers=signed_by_sam.signers)

        assert reason(opened(message, signed_by_sam)) is HeldReason.NOT_SIGNED
        assert opened(message, optional) == TABLE

    @pytest.mark.parametrize("required", [True, False])
    def test_one_of_another_content_is_refused(self, opened, sender, signed_by_sam, required):
        signed = sender.gpg("--local-user", "sam", "--compress-algo", "none", "--sign", given=TABLE)
        forged = signed.replace(b"1,Ann 7919\n", b"1,Eve 7919\n")
        wrapped = encrypted_as_it_stands(sender, forged)
        keyring = Keyring(
            openers=signed_by_sam.openers, signers=signed_by_sam.signers, require_signature=required
        )

        assert said(opened(wrapped, keyring)) == (
            HeldReason.SIGNATURE_REFUSED,
            "The signature is wrong: the content is not what was signed",
        )

    def test_one_of_an_expired_key_is_refused(self, opened, sender, opener, tmp_path_factory):
        sender.make_key("tim", expires="1d", when="20260101T000000")
        then = ("--faked-system-time", "20260101T120000")
        late = encrypted_as_it_stands(sender, sender.gpg(*then, "--local-user", "tim", "--sign", given=TABLE))
        tim = a_signer(sender, "tim", tmp_path_factory.mktemp("k"))

        found = opened(late, Keyring(openers=(opener,), signers=(tim,), require_signature=True))

        assert said(found) == (HeldReason.SIGNATURE_REFUSED, "The signer's key has expired")

    def test_one_of_a_revoked_key_is_refused(self, opened, sender, opener, tmp_path_factory):
        sender.make_key("rob")
        by_rob = sender.encrypt(TABLE, "hr", sign="rob")
        revoke(sender, "rob")
        rob = a_signer(sender, "rob", tmp_path_factory.mktemp("k"))

        found = opened(by_rob, Keyring(openers=(opener,), signers=(rob,), require_signature=True))

        assert said(found) == (HeldReason.SIGNATURE_REFUSED, "The signer's key was revoked")


def test_no_agent_outlives_its_home(opened, message):
    opened(message)
    opened(message[:-1])

    while orphans():  # an agent takes a moment to end; one that stays fails the test by its time limit
        pass


def orphans() -> list[str]:
    """Agents that live and whose homes are gone."""
    shown = subprocess.run(["ps", "-eo", "stat,args"], capture_output=True, text=True, check=True).stdout
    lines = [line.split() for line in shown.splitlines() if "gpg-agent --homedir" in line]
    homes = [line[3] for line in lines if not line[0].startswith("Z")]
    return [home for home in homes if "/bl-" in home and not Path(home).exists()]


def encrypted_as_it_stands(sender, packets: bytes) -> bytes:
    """Encrypt packets that are there already, instead of content."""
    return bytes(
        sender.gpg("--no-literal", "--compress-algo", "none", "--encrypt", "--recipient", "hr", given=packets)
    )


def revoke(sender, name: str) -> None:
    """With the certificate that gpg made beside the key."""
    listed = sender.gpg("--with-colons", "--fingerprint", name).decode().splitlines()
    fingerprint = next(line.split(":")[9] for line in listed if line.startswith("fpr"))
    certificate = (sender.home / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
    sender.take(certificate.replace(":-----BEGIN", "-----BEGIN"))


def reason(found) -> HeldReason:
    assert isinstance(found, Hold), found[:100]
    return found.reason


def said(found) -> tuple[HeldReason, str]:
    return reason(found), found.what
