"""Decrypts a file with gpg. The output is used only after gpg has reported complete success."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.gpg import Gpg, Ran, gpg_home
from bucketlift.codecs.gpg_status import Statuses
from bucketlift.codecs.mail_text import RecordForm
from bucketlift.codecs.pgp_armour import write_plain_form
from bucketlift.codecs.pgp_marks import Message
from bucketlift.codecs.pgp_packets import require_one_message
from bucketlift.codecs.streams import ASK_TO_RESEND
from bucketlift.errors import OurFault
from bucketlift.model.hold import HeldReason

KEYS_NAMED = 4
"""Maximum number of keys of a message that an error names."""
_UNVERIFIED = "The file is signed, and its signature was not checked: the task names no `pgp: signers`"
ACCEPT_SIGNED = (
    "Ask the sender to encrypt the file for one of your keys. Or set `pgp: {signed: accept}`, with `signers: [NAME]` to have the "
    "signature checked."
)
_ASK_FOR_OUR_KEY = "Ask the sender to encrypt for one of your keys: `bucketlift keys export NAME` shows it."


@dataclass(frozen=True, slots=True, kw_only=True)
class Opener:
    """One of our PGP keys with its private part, as gpg exports it."""

    name: str
    fingerprint: str
    private: str = field(repr=False)
    expired: bool = False
    """Whether the key is expired, and no person has accepted its files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A sender's PGP key."""

    name: str
    fingerprint: str
    public: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Keyring:
    """The keys for which a file may be encrypted, and the keys with which it may be signed."""

    openers: tuple[Opener, ...] = ()
    signers: tuple[Signer, ...] = ()
    require_signature: bool = False
    signed_accepted: bool = False
    """Whether to read messages that are signed but not encrypted."""
    passphrase: str | None = field(default=None, repr=False)
    """The passphrase of messages that are encrypted with a passphrase."""


def open_message(
    message: Path,
    kind: Message,
    to: Path,
    keyring: Keyring,
    allowance: Allowance,
    *,
    folder: Path,
    form: RecordForm,
) -> tuple[str, ...]:
    """Write the content of a message to a file. Returns notes about the message.

    ``folder`` temporarily contains gpg's home. Text around the message that may contain records of this form
    is refused.

    Raises:
        Refused: the file is not a message, or the message is not encrypted for us, incomplete or damaged, or
        its signature is missing or wrong.
        NeedsPerson: gpg is not installed.
        OSError: there is no space for the output.
    """
    plain_form = to.with_name(f"{to.name}.pgp")
    notes = write_plain_form(message, plain_form, form)
    source = message if notes is None else plain_form
    if kind is not Message.CLEAR_SIGNED:
        require_one_message(source)
    with gpg_home(folder) as gpg:
        for opener in keyring.openers:
            _import_key(gpg, opener.private, opener.name)
        for signer in keyring.signers:
            _import_key(gpg, signer.public, signer.name)
        ran = gpg.decrypt(source, to, allowance, verify=bool(keyring.signers), passphrase=keyring.passphrase)
        if kind is Message.ENCRYPTED or "BEGIN_DECRYPTION" in ran.statuses:
            _require_for_us(ran.statuses, gpg, keyring)
    plain_form.unlink(missing_ok=True)
    if "BEGIN_DECRYPTION" in ran.statuses:
        _require_one_message(ran)
        _require_signature(ran.statuses, keyring)
        _require_success(ran)
        _require_valid_keys(ran.statuses, keyring)
        return notes or ()
    _require_signature(ran.statuses, keyring)
    _require_signed_success(ran, to)
    unverified = () if keyring.signers else (_UNVERIFIED,)
    return (notes or ()) + unverified


def _import_key(gpg: Gpg, key: str, name: str) -> None:
    if "IMPORT_OK" not in gpg.call("--import", given=key.encode()).statuses:
        raise OurFault("gpg refuses a key that it created or accepted before", to=f"key {name}")


def _require_for_us(statuses: Statuses, gpg: Gpg, keyring: Keyring) -> None:
    """Require that the message is encrypted for one of our keys."""
    if "BEGIN_DECRYPTION" not in statuses:
        if "PLAINTEXT" in statuses:
            if keyring.signed_accepted:
                return
            raise Refused(HeldReason.NOT_ENCRYPTED, "The file is signed, but not encrypted", ACCEPT_SIGNED)
        raise Refused(HeldReason.PGP_DAMAGED, "The message is damaged or cut off", ASK_TO_RESEND)
    by_passphrase = "NEED_PASSPHRASE_SYM" in statuses
    recipients = [arguments[0] for arguments in statuses.of("ENC_TO")]
    if by_passphrase and "DECRYPTION_KEY" not in statuses and "PLAINTEXT" not in statuses:
        _require_passphrase(statuses, keyring, recipients)
    if "DECRYPTION_INFO" in statuses:
        return
    if not recipients:
        raise Refused(HeldReason.PGP_DAMAGED, "The message is damaged: it names no key", ASK_TO_RESEND)
    if _own_ids(gpg) & set(recipients):
        raise Refused(
            HeldReason.PGP_DAMAGED, "The message is damaged: its session key cannot be read", ASK_TO_RESEND
        )
    named = [f"0x{each}" if each.strip("0") else "a hidden key" for each in dict.fromkeys(recipients)]
    more = f" and {len(named) - KEYS_NAMED} more" if len(named) > KEYS_NAMED else ""
    raise Refused(
        HeldReason.OTHER_KEY,
        f"The file is encrypted for {', '.join(named[:KEYS_NAMED])}{more}, not for a key of this task",
        f"If you have this key, add it to the task's `pgp: keys`. {_ASK_FOR_OUR_KEY}",
    )


def _require_passphrase(statuses: Statuses, keyring: Keyring, recipients: list[str]) -> None:
    """If the task has no passphrase or a wrong one, refuse a message that only a passphrase decrypts."""
    if keyring.passphrase is None:
        if recipients:
            return
        raise Refused(
            HeldReason.OTHER_KEY,
            "The file is encrypted with a passphrase, not for a key",
            "Store the passphrase with `bucketlift secrets set NAME`, and set `pgp: {symmetric: {secret: NAME}}`. Or ask "
            "the sender to encrypt for one of your keys.",
        )
    if any("BAD_PASSPHRASE" in word or "symkey" in word for line in statuses.of("ERROR") for word in line):
        raise Refused(
            HeldReason.WRONG_PASSPHRASE,
            "The passphrase of the task does not open the file",
            "Set the passphrase that the sender used in the secret that `pgp: symmetric` names, and retry the file.",
        )


def _own_ids(gpg: Gpg) -> set[str]:
    listed = gpg.call("--with-colons", "--list-secret-keys").out.decode("utf-8", "replace")
    rows = [line.split(":") for line in listed.splitlines()]
    return {row[4] for row in rows if row[0] in ("sec", "ssb")}


def _require_one_message(ran: Ran) -> None:
    """Require that the file contains exactly one message, and that this message is protected against changes."""
    statuses = ran.statuses
    if not _protected(statuses) and "DECRYPTION_FAILED" in statuses and "PLAINTEXT" in statuses:
        raise Refused(
            HeldReason.NO_INTEGRITY,
            "The message has no integrity protection: it may have been changed on its way",
            "Ask the sender to encrypt with a current tool, and without compatibility options for old tools.",
        )
    early = any("plaintext" in arguments[0] for arguments in statuses.of("ERROR"))
    if statuses.count("PLAINTEXT") > 1 or statuses.count("BEGIN_DECRYPTION") > 1 or early:
        raise Refused(
            HeldReason.SEVERAL_MESSAGES,
            "The file contains more than one message",
            "Ask the sender for one message per file.",
        )


def _protected(statuses: Statuses) -> bool:
    """Whether a checksum (MDC) or an authenticated cipher (AEAD) protects the message against changes.

    gpg before 2.3 reports AEAD only as GOODMDC; later versions report it in the third argument of
    DECRYPTION_INFO.
    """
    if "GOODMDC" in statuses:
        return True
    lines = statuses.of("DECRYPTION_INFO")
    return any(line[:1] not in ((), ("0",)) or line[2:3] not in ((), ("0",)) for line in lines)


_SIGNATURES_REFUSED = {
    "BADSIG": ("The signature is wrong: the content is not what was signed", ASK_TO_RESEND),
    "REVKEYSIG": ("The signer's key was revoked", "Ask the signer for a new key, and import it."),
    "EXPKEYSIG": (
        "The signer's key has expired",
        "Ask the signer for the renewed key or for a new key. Then import this key.",
    ),
    "EXPSIG": ("The signature has expired", ASK_TO_RESEND),
}


def _require_signature(statuses: Statuses, keyring: Keyring) -> None:
    """Require that every signature is good and made by one of the signers. If the task requires a signature,
    there must be one.
    """
    if not keyring.signers:
        return
    for word, (what, hint) in _SIGNATURES_REFUSED.items():
        if word in statuses:
            raise Refused(HeldReason.SIGNATURE_REFUSED, what, hint)
    names = ", ".join(signer.name for signer in keyring.signers)
    known = {signer.fingerprint for signer in keyring.signers}
    unknown = [arguments[0] for arguments in statuses.of("ERRSIG")]
    unknown += [arguments[-1] for arguments in statuses.of("VALIDSIG") if arguments[-1] not in known]
    if unknown:
        raise Refused(
            HeldReason.SIGNATURE_REFUSED,
            f"The file is signed with 0x{unknown[0]}, which is not a key of {names} or cannot be checked",
            "If this is the sender's key, import it with `bucketlift keys import NAME FILE`, and add NAME to `pgp: signers`.",
        )
    signed = statuses.count("NEWSIG")
    if not signed and keyring.require_signature:
        raise Refused(
            HeldReason.NOT_SIGNED,
            f"The file is not signed, but must be signed by {names}",
            "Ask the sender to sign the file, or set `require_signature: false`.",
        )
    if not signed == statuses.count("GOODSIG") == statuses.count("VALIDSIG"):
        raise Refused(HeldReason.SIGNATURE_REFUSED, "The signature cannot be checked", ASK_TO_RESEND)


def _require_valid_keys(statuses: Statuses, keyring: Keyring) -> None:
    used = {arguments[1] for arguments in statuses.of("DECRYPTION_KEY")}
    for opener in keyring.openers:
        if opener.expired and (opener.fingerprint in used or len(keyring.openers) == 1):
            raise Refused(
                HeldReason.KEY_EXPIRED,
                f"The file is encrypted for the key {opener.name}, which has expired",
                "Make a new key, send its public part to the sender, and add the key to the task. Accept this file to load it anyway.",
            )


def _require_success(ran: Ran) -> None:
    statuses = ran.statuses
    once = all(statuses.count(word) == 1 for word in ("DECRYPTION_OKAY", "PLAINTEXT", "END_DECRYPTION"))
    order = [word for word in statuses.words() if word in ("BEGIN_DECRYPTION", "PLAINTEXT", "END_DECRYPTION")]
    sound = _protected(statuses) and statuses.count("GOODMDC") <= 1 and not _FAILURES & set(statuses.words())
    aead = any(line[2:3] not in ((), ("0",)) for line in statuses.of("DECRYPTION_INFO"))
    if (
        ran.code != 0
        or not once
        or order[1] != "PLAINTEXT"
        or not sound
        or not ("GOODMDC" in statuses or aead)
    ):
        raise Refused(
            HeldReason.PGP_DAMAGED,
            "The message is damaged, cut off, or was changed on its way",
            ASK_TO_RESEND,
        )


_FAILURES = frozenset({"DECRYPTION_FAILED", "NODATA", "BADMDC", "FAILURE", "UNEXPECTED"})


def _require_signed_success(ran: Ran, to: Path) -> None:
    """Refuse a message that is signed but not encrypted, unless gpg wrote exactly one content, of the length
    that it announced, and reported no error.
    """
    statuses = ran.statuses
    lengths = [int(line[0]) for line in statuses.of("PLAINTEXT_LENGTH") if line[0].isdigit()]
    whole = to.exists() and all(length == to.stat().st_size for length in lengths)
    if (
        ran.code != 0
        or statuses.count("PLAINTEXT") != 1
        or not whole
        or {"ERROR", *_FAILURES} & set(statuses.words())
    ):
        raise Refused(HeldReason.PGP_DAMAGED, "The signed message is damaged or cut off", ASK_TO_RESEND)
