"""Checks that a whole file is UTF-8. If it is not, finds its likely encoding."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bucketlift.model.hold import HeldReason, Hold
from bucketlift.tabular.bytes.mapped import mapped
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, FileFormat, binary_format_of
from bucketlift.tabular.decode.utf8_faults import faults_of

BLOCK_BYTES = 1 << 20

_BOMS = (
    # UTF-32 first: its little-endian mark starts with the mark of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
SHIFT = b"\x1b$"
"""The bytes with which each ISO 2022 escape sequence for a two-byte character set starts."""
_ISO_2022 = re.compile(rb"\x1b(\$[@B]|\$\([@ABD]|\$\)[AC])")
_UNICODE_HINT = "A spreadsheet's 'Unicode text' export writes this encoding. Set the task's `encoding: {}`, or export as 'CSV UTF-8'."
_FALSE_MARK_HINT = "Ask the sender for the file without the first {} bytes. They are the byte order mark of {}, but the text after them is UTF-8."


def hold_unless_utf8(path: Path, block_bytes: int = BLOCK_BYTES) -> Hold | None:
    """The hold if the file is not UTF-8; otherwise None. Overlong forms, surrogates and a cut last character
    are not UTF-8.

    A file that looks like UTF-16 or UTF-32 is held even if its bytes happen to be valid UTF-8.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        wide = wide_encoding(head)
        file.seek(0)
        offset = first_invalid_byte(file, block_bytes)
        if found := false_mark(head):
            return found
        if wide:
            return _hold_wide(wide, head, offset or 0)
        if offset is None:
            return _hold_shifting(path)
        file_format = binary_format_of(head)
        return faults_of(path, offset).hold() if file_format is None else _hold_other(file_format, offset)


def _hold_shifting(path: Path) -> Hold | None:
    """The hold if the file is in an ISO 2022 encoding, which is recognised by its escape sequences; otherwise
    None.
    """
    with mapped(path) as data:
        at = data.find(SHIFT)
        found = _ISO_2022.match(data[at : at + 4]) if at >= 0 else None
    if found is None:
        return None
    name = {b"$)C": "ISO-2022-KR", b"$)A": "ISO-2022-CN"}.get(found[1], "ISO-2022-JP")
    return _held(
        f"The file is {name}, not UTF-8: it has an escape sequence at byte {at}",
        "Ask the sender for UTF-8: in this encoding, the meaning of a byte depends on the bytes before it.",
    )


def first_invalid_byte(file: BinaryIO, block_bytes: int = BLOCK_BYTES) -> int | None:
    """The offset of the first bytes that are not UTF-8; None if all are valid."""
    offset, rest = 0, b""
    for block in blocks(file, block_bytes):
        rest += block
        try:
            # The empty block is the last one: a cut character is then an error.
            _, used = codecs.utf_8_decode(rest, "strict", not block)
        except UnicodeDecodeError as error:
            return offset + error.start
        offset, rest = offset + used, rest[used:]
    return None


def blocks(file: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    """Yield the blocks of the file, then an empty one."""
    while block := file.read(block_bytes):
        yield block
    yield b""


def _hold_wide(wide: str, head: bytes, offset: int) -> Hold:
    return _held(
        f"The file is {wide}, not UTF-8 (byte {offset})", _UNICODE_HINT.format(wide_charset(wide, head))
    )


def _hold_other(file_format: FileFormat, offset: int) -> Hold:
    return _held(f"The file is {file_format.kind}, not text (byte {offset})", file_format.hint)


def wide_encoding(head: bytes) -> str | None:
    """The encoding UTF-16 or UTF-32, recognised by a byte order mark, or by NULs in the same position of
    every unit; otherwise None.
    """
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if _mostly_nul(head[1::4]) and _mostly_nul(head[2::4]):
        return "UTF-32" if _mostly_nul(head[::4]) != _mostly_nul(head[3::4]) else None
    is_wide = _mostly_nul(head[::2]) != _mostly_nul(head[1::2]) or _has_wide_line_ends(head)
    return "UTF-16" if is_wide else None


def false_mark(head: bytes) -> Hold | None:
    """The hold if the text is UTF-8 but starts with the byte order mark of UTF-16 or UTF-32, because no
    encoding reads both; otherwise None.
    """
    mark, name = next(((bom, name) for bom, name in _BOMS if head.startswith(bom)), (b"", ""))
    text = head[len(mark) :]
    if not mark or b"\n" not in text or b"\0" in text:
        return None
    try:
        codecs.utf_8_decode(text, "strict", len(head) < HEAD_BYTES)
    except UnicodeDecodeError:
        return None
    return Hold(
        reason=HeldReason.WRONG_ENCODING,
        what=f"The file starts with the byte order mark of {name}, but the text after it is UTF-8 (byte {len(mark)})",
        hint=_FALSE_MARK_HINT.format(len(mark), name),
    )


def wide_charset(wide: str, head: bytes) -> str:
    """The encoding that the task must set to read a UTF-16 or UTF-32 file."""
    marked = any(head.startswith(bom) for bom, _ in _BOMS)
    # Without a mark, NULs after or before ASCII bytes show the byte order.
    last = 3 if wide == "UTF-32" else 1
    is_big = head[:: last + 1].count(0) > head[last :: last + 1].count(0)
    return f"{wide.lower()}{'' if marked else '-be' if is_big else '-le'}"


def _has_wide_line_ends(head: bytes) -> bool:
    """Whether the text is probably UTF-16 with ASCII and other letters: all NULs have even offsets or all
    have odd ones, and most line feeds are next to a NUL.
    """
    places = {at % 2 for at, byte in enumerate(head) if not byte}
    if len(places) != 1 or b"\n" not in head:
        return False
    nul = places.pop()
    ends = [at for at, byte in enumerate(head) if byte == 10 and at % 2 != nul]
    beside = [head[at + (1 if nul else -1) : at + 2 if nul else at] for at in ends]
    # A few line feeds are not enough: NULs next to them may be the padding of fixed-width records.
    return 2 * len(ends) > head.count(b"\n") and all(each in (b"\0", b"") for each in beside)


def _mostly_nul(some: bytes) -> bool:
    return len(some) > 1 and some.count(0) * 10 >= len(some) * 8


def _held(what: str, hint: str) -> Hold:
    return Hold(reason=HeldReason.NOT_UTF8, what=what, hint=hint)
