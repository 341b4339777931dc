"""Checks whether a file is really in the encoding of the task, if this is not UTF-8, because most encodings
decode any bytes.
"""

from __future__ import annotations

import codecs
import re
from pathlib import Path

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.tabular.bytes.charsets import Charset
from bucketlift.tabular.bytes.mapped import mapped
from bucketlift.tabular.decode.encoding import false_mark, wide_charset, wide_encoding
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, binary_format_of
from bucketlift.tabular.decode.seven_bit import seven_bit_charset
from bucketlift.tabular.decode.utf8_faults import CHOOSE

_MARKS = (
    # UTF-32 first: its little-endian mark starts with the mark of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_CONTROLS = re.compile("[\x80-\x9f]")
_IF_IT_IS = "If the file is correct, accept the file, or set `contract: {encoding: accept}`."
_CONTROLS_IN = ("iso8859", "tis-620")
"""Encodings in which the bytes 80 to 9F are control characters that files do not use. In Windows encodings
these bytes are letters and signs.
"""


def marked_charset(kind: Charset, head: bytes) -> tuple[Charset, int] | Hold:
    """The encoding with its byte order, and the offset at which the text starts."""
    if hold := false_mark(head):
        return hold
    found = next(((mark, name) for mark, name in _MARKS if head.startswith(mark)), None)
    if found is None:
        if not kind.marked:
            return kind, 0
        what = f"The file has no byte order mark, and {kind.name} needs one (byte 0)"
        return _wrong(what, _unmarked_hint(kind, head))
    mark, name = found
    if not name.startswith(kind.name):
        what = f"The file starts with the byte order mark of {name[:6].upper()}, but the task's encoding is {kind.name} (byte 0)"
        return _wrong(what, f"Set the task's `encoding: {name[:6]}`, or ask the sender for {kind.name}.")
    # If the task names the byte order, a mark is part of the text, and the header reader skips it.
    return (Charset(name=name), len(mark)) if kind.marked else (kind, 0)


def _unmarked_hint(kind: Charset, head: bytes) -> str:
    if wide := wide_encoding(head):
        return f"Set the task's `encoding: {wide_charset(wide, head)}`: this is the order of its bytes."
    try:
        codecs.utf_8_decode(head, "strict", len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return f"Set `encoding: {kind.name}-le` or `{kind.name}-be`: ask the sender which one."
    return "The file starts as UTF-8: set the task's `encoding: utf-8`."


def hold_for_seven_bit(path: Path) -> Hold | None:
    """The hold if an ASCII text looks like UTF-7 or HZ; otherwise None."""
    with mapped(path) as data:
        found = seven_bit_charset(data)
    if found is None:
        return None
    name, at = found
    return _doubtful(
        f"The file looks like {name} and not like UTF-8 (byte {at})",
        "Ask the sender for UTF-8: in this encoding, the meaning of a byte depends on the bytes before it.",
    )


class Doubts:
    """Signs that the file is in another encoding, collected while the file is read."""

    def __init__(self, kind: Charset) -> None:
        self._kind = kind
        self._ascii_inside = _reads_ascii(kind)
        self._utf8: codecs.IncrementalDecoder | None = (
            None if kind.is_utf8 else codecs.getincrementaldecoder("utf-8")("strict")
        )
        self._plain = True
        self._found: Hold | None = None

    def check(self, block: bytes, text: str, at: int) -> None:
        """Check a block, whose text starts at the offset ``at``. The last block is empty."""
        if at == 0 and (found := self._other_width(block[:HEAD_BYTES])):
            wide, name = found
            self._found = _doubtful(
                f"The file looks like {wide} and not like {self._kind.name} (byte 0)",
                f"Set the task's `encoding: {name}`, or ask the sender for {self._kind.name}.",
            )
        self._look_at_utf8(block)
        if self._found is None and self._kind.name.startswith(_CONTROLS_IN):
            self._look_for_controls(text, at)

    def _other_width(self, head: bytes) -> tuple[str, str] | None:
        """The encoding (family and exact name) with two or four bytes per character that the first bytes
        show. None if there is none, or if it is the encoding of the task.
        """
        wide = wide_encoding(head)
        if wide is None:
            return None
        name = wide_charset(wide, head)
        ordered = name.endswith(("-le", "-be")) and name[:6] == self._kind.name[:6]
        return (wide, name) if self._kind.unit == 1 or (ordered and name != self._kind.name) else None

    def _look_at_utf8(self, block: bytes) -> None:
        if self._utf8 is None:
            return
        self._plain = self._plain and block.isascii()
        try:
            self._utf8.decode(block, not block)
        except UnicodeDecodeError:
            self._utf8 = None
        if self._kind.unit > 1 and b"\0" in block:
            self._utf8 = None

    def _look_for_controls(self, text: str, at: int) -> None:
        if found := _CONTROLS.search(text):
            self._found = _doubtful(
                f"Byte {at + found.start()} is a control character in {self._kind.name}, which text does not have",
                CHOOSE,
            )

    def hold(self) -> Hold | None:
        """The hold at the end of the file, if there is a sign of another encoding. Text in another encoding
        is almost never valid UTF-8 by chance.
        """
        if self._utf8 is not None and not (self._plain and self._ascii_inside):
            return _doubtful(
                f"The file is UTF-8 throughout, but the task's encoding is {self._kind.name}",
                "Set the task's `encoding: utf-8`. `bucketlift check --encodings FILE` shows the words in both.",
            )
        return self._found

    def undecodable(self, path: Path, offset: int) -> Hold:
        with path.open("rb") as file:
            head = file.read(HEAD_BYTES)
        if file_format := binary_format_of(head):
            return _wrong(f"The file is {file_format.kind}, not text (byte {offset})", file_format.hint)
        if self._found is not None:
            return self._found
        if self._kind.unit > 1:
            what = f"Byte {offset} is not a complete character of {self._kind.name}; the file has {path.stat().st_size:,} bytes"
            return _wrong(what, "Ask the sender for the file again: it is damaged, or its end is missing.")
        return _wrong(f"Byte {offset} is not a character of {self._kind.name}", CHOOSE)


def _reads_ascii(kind: Charset) -> bool:
    ascii_bytes = b"0123456789 ABCxyz,;\t\r\n"
    return kind.unit == 1 and ascii_bytes.decode(kind.name) == ascii_bytes.decode("ascii")


def _wrong(what: str, hint: str) -> Hold:
    return Hold(reason=HeldReason.WRONG_ENCODING, what=what, hint=hint)


def _doubtful(what: str, hint: str) -> Hold:
    return Hold(reason=HeldReason.DOUBTFUL_ENCODING, what=what, hint=f"{hint} {_IF_IT_IS}")
