"""Reads ASCII armour (RFC 9580, section 6): with or without a checksum, also inside the text of an e-mail."""

from __future__ import annotations

import binascii
import mmap
import re
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.mail_text import MOST_BYTES, RecordForm, is_mail_text
from bucketlift.codecs.pgp_marks import BEGIN_CLEAR, BOM
from bucketlift.codecs.pgp_packets import trailing_bytes
from bucketlift.codecs.streams import ASK_TO_RESEND
from bucketlift.model.hold import HeldReason

SEARCHED = 1 << 16
"""Number of bytes that are searched for the start of armour."""
_PIECE = 1 << 20
_BEGIN = re.compile(
    rb"(?:\A(?:\xef\xbb\xbf)?|(?<=\n))[ \t]*(-----BEGIN PGP (?:SIGNED )?MESSAGE-----)[ \t]*\r?\n"
)
_END = re.compile(rb"\n-----END PGP (MESSAGE|SIGNATURE)-----[ \t]*(?:\r?\n|\Z)")
_ANY_BEGIN = b"-----BEGIN PGP "
_HEADERS = re.compile(rb"(?:[^\r\n]*: [^\r\n]*\r?\n)*(?:[ \t]*\r?\n)?")
_CHECK_SUM = re.compile(rb"\n=[A-Za-z0-9+/]{4}\s*\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Armour:
    """The position of an armoured message in a file."""

    begin: int
    end: int
    body: int
    """The offset after the line that starts the armour."""
    last: int
    """The offset before the line that ends the armour."""
    clear: bool
    """Whether the message is clear-signed: its text is signed but not encoded."""
    notes: tuple[str, ...]
    """Notes about the text around the armour."""


def begins_in(head: bytes) -> bool:
    """Whether armour starts in these bytes. Other text may precede it."""
    return _BEGIN.search(head[:SEARCHED]) is not None


def find_armour(text: mmap.mmap, form: RecordForm) -> Armour | None:
    """The armoured message in a text; None if there is none.

    Raises:
        Refused: there are several messages, or the message is incomplete, or the text around it is not that
        of an e-mail.
    """
    found = _BEGIN.search(text, 0, SEARCHED + len(BEGIN_CLEAR))
    if found is None:
        return None
    begin, clear = found.start(1), found[1] == BEGIN_CLEAR
    end = next(
        (each for each in _END.finditer(text, found.end() - 1) if (each[1] == b"SIGNATURE") == clear), None
    )
    if end is None:
        raise Refused(
            HeldReason.PGP_DAMAGED, "The message is cut off: its armour does not end", ASK_TO_RESEND
        )
    before = len(text[:begin].removeprefix(BOM).strip())
    behind = len(text) - end.end() if _more_than_blanks(text, end.end()) else 0
    if text.find(_ANY_BEGIN, end.end()) >= 0:
        raise trailing_bytes(end.end(), behind, message=True)
    if behind and not before:
        raise trailing_bytes(end.end(), behind)
    _require_mail(text, begin, end.end(), form)
    note = f"Text around the PGP message was left out: {begin} bytes before it" if before else ""
    if behind:
        note += f", {behind:,} after it (from byte {end.end()} on)"
    return Armour(
        begin=begin,
        end=end.end(),
        body=found.end(),
        last=end.start(),
        clear=clear,
        notes=(note,) if note else (),
    )


def _require_mail(text: mmap.mmap, begin: int, end: int, form: RecordForm) -> None:
    """Require that the text before and after the message is that of an e-mail."""
    around = (("before", text[:begin]), ("after", text[end : end + MOST_BYTES + 1]))
    for place, found in around:
        if not is_mail_text(found, form):
            raise Refused(
                HeldReason.SEVERAL_MESSAGES,
                f"The text {place} the PGP message may contain rows: it is not like the text of an e-mail",
                "Ask the sender for one message per file, with nothing before or after it.",
            )


def write_message(text: mmap.mmap, armour: Armour, to: BinaryIO) -> None:
    """Write the message in the form that gpg reads: decoded, or unchanged if it is clear-signed.

    Raises:
        Refused: the armour contains invalid characters.
    """
    if armour.clear:
        _copy(text, armour.begin, armour.end, to)
        return
    headers = _HEADERS.match(text, armour.body, armour.last)
    at = armour.body if headers is None else headers.end()
    tail = text[max(at, armour.last - 64) : armour.last]
    check_sum = _CHECK_SUM.search(tail)
    last = armour.last - (len(tail) - check_sum.start()) if check_sum else armour.last
    rest = b""
    while at < last:
        letters = rest + b"".join(text[at : min(at + _PIECE, last)].split())
        at += _PIECE
        whole = len(letters) // 4 * 4
        to.write(_decoded(letters[:whole]))
        rest = letters[whole:]
    to.write(_decoded(rest))


def _decoded(letters: bytes) -> bytes:
    try:
        return binascii.a2b_base64(letters, strict_mode=True) if letters else b""
    except binascii.Error:
        raise Refused(
            HeldReason.PGP_DAMAGED,
            "The message is damaged: its armour contains invalid characters",
            ASK_TO_RESEND,
        ) from None


def _copy(text: mmap.mmap, begin: int, end: int, to: BinaryIO) -> None:
    to.writelines(text[at : min(at + _PIECE, end)] for at in range(begin, end, _PIECE))


def _more_than_blanks(text: mmap.mmap, begin: int) -> bool:
    return any(text[at : at + _PIECE].strip() for at in range(begin, len(text), _PIECE))


def write_plain_form(raw: Path, to: Path, form: RecordForm) -> tuple[str, ...] | None:
    """Write the message of an armoured file. Returns notes about the text around it; None if the file has no
    armour.

    ``form`` is the form of the task's records, which are never left out as the text of an e-mail.
    """
    with raw.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as text:
        armour = find_armour(text, form)
        if armour is None:
            return None
        with to.open("wb") as made:
            write_message(text, armour, made)
        return armour.notes
