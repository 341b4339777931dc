"""Decides about a file that is not UTF-8 whether it is damaged UTF-8 or in another encoding."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from bucketlift.model.hold import HeldReason, Hold

BLOCK_BYTES = 1 << 16
MOST_FAULTS = 2_000
"""Maximum number of invalid sequences. After this many, the rest of the file is not checked."""
CHOOSE = (
    "Run `bucketlift check --encodings FILE`: it shows the words of the file in each encoding. "
    "Set the encoding in which the words are right: `dialect: {encoding: ...}`."
)
"""The hint if the encoding cannot be determined. It never contains a guessed encoding."""
_ASK_TO_RESEND = "Ask the sender for the file again, as UTF-8."
_ASCII = bytes(range(128))
_TWO_BYTES = range(0xC2, 0xE0)
"""The bytes with which a character of two bytes starts."""


@dataclass(kw_only=True)
class Faults:
    """Counts of the valid and invalid sequences in a file."""

    first: int = 0
    """Offset of the first invalid sequence."""
    faults: int = 0
    characters: int = 0
    """Number of valid UTF-8 characters that are not ASCII."""
    cut: int = 0
    """Number of invalid sequences that are at least two bytes of an incomplete character."""
    half: int = 0
    """Number of invalid sequences that are only the first byte of a two-byte character."""
    surrogates: int = 0
    """Number of invalid sequences that belong to a surrogate written in three bytes."""
    at_end: bool = False
    """Whether the last invalid sequence is a character that the end of the file cuts off."""

    def hold(self) -> Hold:
        what, hint = self._explanation()
        return Hold(reason=HeldReason.NOT_UTF8, what=what, hint=hint)

    def _explanation(self) -> tuple[str, str]:
        if self.surrogates == self.faults:
            return (
                f"The file is CESU-8, not UTF-8: from byte {self.first} on, some characters are written as two surrogates",
                "Ask the sender for UTF-8. In Oracle, UTF-8 is the character set AL32UTF8.",
            )
        utf8 = self.characters > 0 and self.faults <= self.characters
        if utf8 or self.cut == self.faults:
            return self._damaged()
        what = f"The file is not UTF-8: byte {self.first} cannot be read"
        if self.half == self.faults == 1:
            return (
                f"{what}. The byte is half a character of UTF-8, or the file has another encoding",
                f"If a character was cut, ask the sender for the file again. Otherwise: {CHOOSE}",
            )
        return what, CHOOSE

    def _damaged(self) -> tuple[str, str]:
        if self.faults > 1:
            many = f"{self.faults:,}" if self.faults < MOST_FAULTS else f"{MOST_FAULTS:,} or more"
            return (
                f"The file is UTF-8 with {many} damaged places: the first is byte {self.first}",
                f"Parts of the file may come from a file with another encoding, or characters were cut. {_ASK_TO_RESEND}",
            )
        if self.at_end:
            return (
                f"The file is UTF-8 and ends in the middle of a character (byte {self.first})",
                "The file may be incomplete. Ask the sender for the whole file.",
            )
        if self.cut or self.half:
            return (
                f"The file is UTF-8 with one character that is cut (byte {self.first})",
                f"Texts cut after a fixed number of bytes, or joined files, cause this. {_ASK_TO_RESEND}",
            )
        return f"The file is UTF-8 with one damaged byte: byte {self.first}", _ASK_TO_RESEND


def faults_of(path: Path, first: int) -> Faults:
    """Check the file from its start. ``first`` is the offset of the first invalid sequence."""
    found, rest, at_end = Faults(first=first), b"", False
    with path.open("rb") as file:
        while not at_end and found.faults < MOST_FAULTS:
            block = file.read(BLOCK_BYTES)
            at_end, rest = not block, _count_faults(rest + block, found, final=not block)
    return found


def _count_faults(data: bytes, found: Faults, *, final: bool) -> bytes:
    """Count the valid and invalid sequences of a block. Returns the bytes at its end that the next block may
    complete.
    """
    at = 0
    while True:
        piece = data[at:]
        try:
            text, used = codecs.utf_8_decode(piece, "strict", final)
        except UnicodeDecodeError as error:
            found.characters += len(piece[: error.start].translate(None, _ASCII).decode())
            found.at_end = final and error.reason == "unexpected end of data"
            _count(found, piece[error.start : error.end], piece[error.end : error.end + 1])
            at += error.end
            continue
        found.characters += len(text) - (used - len(piece[:used].translate(None, _ASCII)))
        return piece[used:]


def _count(found: Faults, wrong: bytes, following: bytes) -> None:
    found.faults += 1
    if len(wrong) > 1:
        found.cut += 1
    elif wrong[0] in _TWO_BYTES:
        found.half += 1
    if wrong == b"\xed" and following and 0xA0 <= following[0] < 0xC0:
        found.surrogates += 1
    elif wrong[0] in range(0x80, 0xC0) and found.surrogates:
        # The second and the third byte of a surrogate are separate faults.
        found.surrogates += 1
