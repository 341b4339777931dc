"""Messages of every kind that senders make: with OCB, signed, clear-signed, for a passphrase, in odd armour."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from aead import encrypted_with_ocb
from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.pgp import Keyring
from bucketlift.codecs.unpack import Packing, unpacked
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Bounds
from integration.codecs.conftest import a_signer

pytestmark = pytest.mark.slow

TABLE = b"id,name\n1,Ann\n-2,Bo\n- 3,Cy\nFrom x,D\n" + b"".join(b"%d,x\n" % row for row in range(300))
UNVERIFIED = "The file is signed, and its signature was not checked: the task names no `pgp: signers`"


@pytest.fixture(scope="session")
def accepting(opener) -> Keyring:
    return Keyring(openers=(opener,), signed_accepted=True)


@pytest.fixture(scope="session")
def by_sam(accepting, sender, tmp_path_factory) -> Keyring:
    return replace(
        accepting, signers=(a_signer(sender, "sam", tmp_path_factory.mktemp("k")),), require_signature=True
    )


def passphrase(word: str, sender, *options: str) -> bytes:
    return bytes(
        sender.gpg("--pinentry-mode", "loopback", "--passphrase", word, *options, "--symmetric", given=TABLE)
    )


@pytest.fixture(scope="module")
def with_ocb(sender) -> bytes:
    return encrypted_with_ocb(sender, TABLE, "hr")


@pytest.fixture(scope="module")
def armoured(sender) -> bytes:
    return bytes(sender.encrypt(TABLE, "hr", options=("--armor",)))


@pytest.fixture(scope="module")
def without_check_sum(armoured) -> bytes:
    return b"\n".join(
        line for line in armoured.split(b"\n") if not (line.startswith(b"=") and len(line) == 5)
    )


class TestOcb:
    def test_a_message_with_ocb_is_good(self, opened, with_ocb):
        assert opened(with_ocb) == TABLE

    @pytest.mark.parametrize("place", [0.2, 0.4, 0.6, 0.8, -40, -20, -1])
    def test_one_that_was_changed_is_damaged(self, opened, with_ocb, place):
        changed = bytearray(with_ocb)
        changed[int(len(with_ocb) * place) if isinstance(place, float) else place] ^= 1

        assert reason(opened(bytes(changed))) is HeldReason.PGP_DAMAGED

    @pytest.mark.parametrize("cut", [1, 17, 100, 900])
    def test_one_that_is_cut_off_is_damaged(self, opened, with_ocb, cut):
        assert reason(opened(with_ocb[:-cut])) is HeldReason.PGP_DAMAGED


class TestSigned:
    WAYS = (("--sign",), ("--armor", "--sign"), ("--compress-algo", "none", "--sign"), ("--clear-sign",))

    @pytest.fixture(params=WAYS, ids=" ".join)
    def signed(self, sender, request) -> bytes:
        return bytes(sender.gpg("--local-user", "sam", *request.param, given=TABLE))

    def test_it_is_named_and_held_unless_it_is_accepted(self, opened, signed, tmp_path):
        found = opened(signed)

        assert reason(found) is HeldReason.NOT_ENCRYPTED
        assert "signed with PGP, but not encrypted" in found.what
        assert "`pgp: {signed: accept}`" in found.hint

    def test_it_is_named_where_the_task_knows_nothing_of_pgp(self, without_pgp, signed):
        found = without_pgp(signed)

        assert (found.reason, "signed with PGP" in found.what) == (HeldReason.SIGNED, True)
        assert "`pgp: {signed: accept}`" in found.hint

    def test_without_signers_it_is_read_and_the_notes_say_that_nothing_was_checked(
        self, opened, signed, accepting, notes
    ):
        assert (opened(signed, accepting), notes) == (TABLE, [UNVERIFIED])

    def test_no_key_of_ours_is_needed(self, opened, signed):
        assert opened(signed, Keyring(signed_accepted=True)) == TABLE

    def test_the_signature_is_checked_where_signers_are_named(self, opened, signed, by_sam, sender, notes):
        by_eve = sender.gpg("--local-user", "eve", "--clear-sign", given=TABLE)

        assert (opened(signed, by_sam), notes) == (TABLE, [])
        assert reason(opened(by_eve, by_sam)) is HeldReason.SIGNATURE_REFUSED

    def test_one_that_is_cut_off_is_damaged(self, opened, signed, accepting, by_sam):
        cuts = [signed[: len(signed) * tenth // 10] for tenth in (3, 5, 7, 9)] + [signed[:-60]]

        assert {reason(opened(cut, keyring)) for cut in cuts for keyring in (accepting, by_sam)} <= {
            HeldReason.PGP_DAMAGED,
            HeldReason.NOT_SIGNED,
            HeldReason.SIGNATURE_REFUSED,
        }

    def test_a_changed_text_is_refused(self, opened, sender, by_sam):
        clear = sender.gpg("--local-user", "sam", "--clear-sign", given=TABLE)

        assert reason(opened(clear.replace(b"Ann", b"Eve"), by_sam)) is HeldReason.SIGNATURE_REFUSED

    def test_an_encrypted_file_is_still_read(self, opened, sender, accepting):
        assert opened(sender.encrypt(TABLE, "hr"), accepting) == TABLE

    def test_windows_line_ends_and_blanks_are_kept(self, opened, sender, accepting):
        table = TABLE.replace(b"\n", b"\r\n")

        for way in (("--sign",), ("--clear-sign",)):
            assert opened(sender.gpg("--local-user", "sam", *way, given=table), accepting) == table

    @pytest.mark.parametrize("options", [(), ("--armor",)])
    def test_a_detached_signature_is_named(self, opened, without_pgp, sender, accepting, options):
        detached = sender.gpg("--local-user", "sam", *options, "--detach-sign", given=TABLE)

        for found in (opened(detached), opened(detached, accepting), without_pgp(detached)):
            assert said(found) == (
                HeldReason.SIGNED,
                "The file is a PGP signature of another file, and has no content",
            )


class TestPassphrases:
    def test_the_passphrase_of_the_task_opens_the_file(self, opened, sender):
        keyring = Keyring(passphrase="corréct horse")

        for options in ((), ("--armor",), ("--cipher-algo", "AES")):
            assert opened(passphrase("corréct horse", sender, *options), keyring) == TABLE

    def test_another_one_is_told(self, opened, sender):
        assert said(opened(passphrase("x", sender), Keyring(passphrase="y"))) == (
            HeldReason.WRONG_PASSPHRASE,
            "The passphrase of the task does not open the file",
        )

    def test_a_file_for_a_key_is_opened_with_the_key(self, opened, sender, opener):
        both = sender.gpg(
            "--pinentry-mode",
            "loopback",
            "--passphrase",
            "x",
            "--symmetric",
            "--encrypt",
            "--recipient",
            "hr",
            given=TABLE,
        )

        assert opened(both, Keyring(openers=(opener,))) == TABLE
        assert opened(both, Keyring(passphrase="x")) == TABLE
        assert reason(opened(sender.encrypt(TABLE, "hr"), Keyring(passphrase="x"))) is HeldReason.OTHER_KEY

    def test_the_hint_without_a_passphrase_names_the_setting(self, opened, sender):
        assert "`pgp: {symmetric: {secret: NAME}}`" in opened(passphrase("x", sender)).hint

    def test_one_that_was_changed_is_damaged(self, opened, sender):
        changed = bytearray(passphrase("x", sender))
        changed[-3] ^= 1

        assert reason(opened(bytes(changed), Keyring(passphrase="x"))) is HeldReason.PGP_DAMAGED

    def test_no_process_shows_it(self, opened, sender, monkeypatch):
        seen: list[str] = []
        start = subprocess.Popen.__init__

        def watched(self, arguments, *rest, **more):
            seen.extend(map(str, arguments))
            seen.extend((more.get("env") or {}).values())
            start(self, arguments, *rest, **more)

        message = passphrase("s3cret-word", sender)
        monkeypatch.setattr(subprocess.Popen, "__init__", watched)
        assert opened(message, Keyring(passphrase="s3cret-word")) == TABLE
        assert seen
        assert not any("s3cret-word" in word for word in seen)


class TestArmour:
    def test_a_check_sum_may_be_missing(self, opened, armoured, without_check_sum):
        assert len(without_check_sum) < len(armoured)
        assert opened(without_check_sum) == TABLE
        assert opened(without_check_sum.replace(b"\n", b"\r\n")) == TABLE

    def test_a_byte_order_mark_and_windows_line_ends_are_no_matter(self, opened, armoured, notes):
        assert opened(b"\xef\xbb\xbf" + armoured.replace(b"\n", b"\r\n")) == TABLE
        assert notes == []

    def test_headers_are_passed_over(self, opened, armoured):
        line, _, rest = armoured.partition(b"\n")

        assert opened(line + b"\nVersion: GnuPG v2\nComment: a: b\n" + rest) == TABLE

    def test_a_mails_text_around_is_left_out_and_told(self, opened, armoured, notes):
        before, behind = b"From: hr@example.com\n\nHello,\n\n", b"-- \nRegards\n"

        assert opened(before + armoured + behind) == TABLE
        (note,) = notes
        assert note == (
            f"Text around the PGP message was left out: {len(before)} bytes before it, {len(behind)} after it"
            f" (from byte {len(before + armoured)} on)"
        )

    def test_text_behind_it_alone_is_told_exactly_and_held(self, opened, armoured):
        assert said(opened(armoured + b"4,Dan\n")) == (
            HeldReason.SEVERAL_MESSAGES,
            f"6 bytes follow the end of the message, from byte {len(armoured)} on: other bytes",
        )

    @pytest.mark.parametrize(
        "rows", [b"4,Dan,\n", b"Id,Name\n" + b"4,Dan\n" * 3000, b"4;Dan\n", b"Hello\n4,Dan\n"]
    )
    def test_rows_around_it_are_never_left_out(self, opened, armoured, rows):
        found = [opened(rows + armoured), opened(b"Hello\n\n" + armoured + rows)]

        assert list(map(said, found)) == [
            (
                HeldReason.SEVERAL_MESSAGES,
                f"The text {place} the PGP message may contain rows: it is not like the text of an e-mail",
            )
            for place in ("before", "after")
        ]

    def test_a_clear_signed_text_may_stand_in_a_mail(self, opened, sender, accepting, notes):
        clear = sender.gpg("--local-user", "sam", "--clear-sign", given=TABLE)

        assert opened(b"Hello\n\n" + clear + b"\nBye\n", accepting) == TABLE
        assert [note.partition(":")[0] for note in notes] == [
            "Text around the PGP message was left out",
            "The file is signed, and its signature was not checked",
        ]
        assert reason(opened(clear + clear, accepting)) is HeldReason.SEVERAL_MESSAGES

    def test_other_characters_in_it_are_damage(self, opened, armoured):
        middle = len(armoured) // 2

        assert reason(opened(armoured[:middle] + b"!" + armoured[middle:])) is HeldReason.PGP_DAMAGED


def test_bytes_behind_a_message_of_told_length_are_counted(opened, sender, tmp_path_factory):
    path = tmp_path_factory.mktemp("m") / "table"
    path.write_bytes(TABLE)
    sender.gpg("--compress-algo", "none", "--recipient", "hr", "--encrypt", str(path))
    message = path.with_suffix(".gpg").read_bytes()

    assert said(opened(message + b"xyz"))[1] == (
        f"3 bytes follow the end of the message, from byte {len(message)} on: other bytes"
    )
    assert said(opened(message + message))[1] == (
        f"{len(message):,} bytes follow the end of the message, from byte {len(message)} on: perhaps a second message"
    )


@pytest.fixture
def without_pgp(tmp_path):
    """Why a task without ``pgp`` holds a file."""

    def without_pgp(content: bytes) -> Hold:
        raw = Path(tmp_path, "object")
        raw.write_bytes(content)
        allowance = Allowance.of(len(content), Bounds(), max_bytes=None, check_cancelled=lambda: None)
        with unpacked(raw, Packing(), allowance) as found:
            assert isinstance(found, Hold)
            return found

    return without_pgp


def reason(found) -> HeldReason:
    assert isinstance(found, Hold), found[:100]
    return found.reason


def said(found) -> tuple[HeldReason, str]:
    return reason(found), found.what
