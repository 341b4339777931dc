"""Judging by what gpg says: lines as versions 2.2 and 2.4 print them (doc/DETAILS of GnuPG)."""

from __future__ import annotations

import pytest

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.gpg import Ran
from bucketlift.codecs.gpg_status import parse
from bucketlift.codecs.pgp import Keyring, Signer, _require_one_message, _require_signature, _require_success
from bucketlift.model.hold import HeldReason

GOOD = {
    "2.2 with MDC": "BEGIN_DECRYPTION|DECRYPTION_INFO 2 9 0|PLAINTEXT 62 0 |DECRYPTION_OKAY|GOODMDC|END_DECRYPTION",
    "2.2 with OCB": "BEGIN_DECRYPTION|DECRYPTION_INFO 0 9 0|PLAINTEXT 62 0 |DECRYPTION_OKAY|GOODMDC|END_DECRYPTION",
    "2.4 with OCB": "BEGIN_DECRYPTION|DECRYPTION_INFO 0 9 2|PLAINTEXT 62 0 |DECRYPTION_OKAY|GOODMDC|END_DECRYPTION",
    "with OCB and no GOODMDC": "BEGIN_DECRYPTION|DECRYPTION_INFO 0 9 2|PLAINTEXT 62 0 |DECRYPTION_OKAY|END_DECRYPTION",
    "old and short": "BEGIN_DECRYPTION|DECRYPTION_INFO 2 9|PLAINTEXT 62 0 |DECRYPTION_OKAY|GOODMDC|END_DECRYPTION",
}


def verdict(lines: str, code: int = 0) -> HeldReason | None:
    said = parse("".join(f"[GNUPG:] {line}\n" for line in lines.split("|")).encode())
    ran = Ran(code=code, statuses=said)
    try:
        _require_one_message(ran)
        _require_success(ran)
    except Refused as refused:
        return refused.hold.reason
    return None


@pytest.mark.parametrize("name", GOOD)
def test_a_good_message_is_good(name):
    assert verdict(GOOD[name]) is None


@pytest.mark.parametrize("name", GOOD)
@pytest.mark.parametrize("word", ["DECRYPTION_FAILED", "NODATA 3", "BADMDC"])
def test_one_that_gpg_complains_of_is_damaged(name, word):
    assert verdict(f"{GOOD[name]}|{word}") is HeldReason.PGP_DAMAGED
    assert verdict(GOOD[name], code=2) is HeldReason.PGP_DAMAGED


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("DECRYPTION_INFO 0 9 0|PLAINTEXT 62 0 |DECRYPTION_FAILED", HeldReason.NO_INTEGRITY),
        ("DECRYPTION_INFO 2 9 0|PLAINTEXT 62 0 |DECRYPTION_OKAY", HeldReason.PGP_DAMAGED),
        ("DECRYPTION_INFO 0 9 0|PLAINTEXT 62 0 |DECRYPTION_OKAY", HeldReason.PGP_DAMAGED),
        ("DECRYPTION_INFO 0 9 2|NODATA 3|DECRYPTION_OKAY|GOODMDC", HeldReason.PGP_DAMAGED),
        ("DECRYPTION_INFO 0 9 2|PLAINTEXT 62 0 |BADMDC|DECRYPTION_FAILED", HeldReason.PGP_DAMAGED),
        ("PLAINTEXT 62 0 |DECRYPTION_INFO 2 9 0|DECRYPTION_OKAY|GOODMDC", HeldReason.PGP_DAMAGED),
    ],
)
def test_one_without_proof_is_refused(lines, reason):
    lines = lines if lines.startswith("PLAINTEXT") else f"BEGIN_DECRYPTION|{lines}"

    assert verdict(f"{lines}|END_DECRYPTION") is reason


SIGNED_BY_SAM = "NEWSIG|GOODSIG A1 sam|VALIDSIG A1"


def signature_verdict(lines: str) -> HeldReason | None:
    said = parse("".join(f"[GNUPG:] {line}\n" for line in lines.split("|")).encode())
    sam = Signer(name="sam", fingerprint="A1", public="")
    try:
        _require_signature(said, Keyring(signers=(sam,), require_signature=True))
    except Refused as refused:
        return refused.hold.reason
    return None


def test_a_valid_signature_by_a_signer_is_good():
    assert signature_verdict(SIGNED_BY_SAM) is None


def test_a_valid_signature_by_a_key_that_the_task_does_not_name_is_refused():
    assert signature_verdict("NEWSIG|GOODSIG B2 eve|VALIDSIG B2") is HeldReason.SIGNATURE_REFUSED


@pytest.mark.parametrize("lines", ["NEWSIG", "NEWSIG|GOODSIG A1 sam", f"NEWSIG|{SIGNED_BY_SAM}"])
def test_a_signature_that_gpg_does_not_judge_is_refused(lines):
    assert signature_verdict(lines) is HeldReason.SIGNATURE_REFUSED
