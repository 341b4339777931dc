"""Whether a file is UTF-8 from its first byte to its last, and what it looks like if not."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from bucketlift.model.contract import HeldReason, Hold
from bucketlift.tabular.looks import HEAD_BYTES, Looks, looks_of_bytes

BLOCK_BYTES = 1 << 20

_BOMS = (
    # UTF-32 first: its little-endian mark begins with that of UTF-16.
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
_UNICODE_HINT = (
    "A spreadsheet's 'Unicode text' export makes it. Set the task's `encoding: {}`, or export as 'CSV UTF-8'."
)
_CP1252_HINT = "Spreadsheets on Windows write it as plain 'CSV'. Set the task's `encoding: cp1252`, or export as 'CSV UTF-8'."
_DAMAGED_HINT = "Ask the sender for the file anew, saved as UTF-8."


def hold_unless_utf8(path: Path, block_bytes: int = BLOCK_BYTES) -> Hold | None:
    """Read the whole file; overlong forms, surrogates and a cut last character are not UTF-8.

    A file that is UTF-16 or UTF-32 by its looks is held even where its bytes happen to be legal UTF-8.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        wide = wide_encoding(head)
        file.seek(0)
        offset = first_invalid_byte(file, block_bytes)
        if wide:
            return _hold_wide(wide, head, offset or 0)
        if offset is None:
            return None
        looks = looks_of_bytes(head)
        return _hold_at(file, offset) if looks is None else _hold_other(looks, offset)


def first_invalid_byte(file: BinaryIO, block_bytes: int = BLOCK_BYTES) -> int | None:
    """The offset at which the first sequence begins that is not UTF-8; None where all is well."""
    offset, rest = 0, b""
    for block in blocks(file, block_bytes):
        rest += block
        try:
            # Without a block there is no more to come: a cut character is then an error.
            _, used = codecs.utf_8_decode(rest, "strict", not block)
        except UnicodeDecodeError as error:
            return offset + error.start
        offset, rest = offset + used, rest[used:]
    return None


def blocks(file: BinaryIO, block_bytes: int) -> Iterator[bytes]:
    """The file's blocks, then an empty one."""
    while block := file.read(block_bytes):
        yield block
    yield b""


def _hold_wide(wide: str, head: bytes, offset: int) -> Hold:
    return _held(
        f"The file is {wide}, not UTF-8 (byte {offset})", _UNICODE_HINT.format(wide_charset(wide, head))
    )


def _hold_other(looks: Looks, offset: int) -> Hold:
    return _held(f"The file is {looks.kind}, and no text (byte {offset})", looks.hint)


def wide_encoding(head: bytes) -> str | None:
    """UTF-16 or UTF-32, by a byte order mark or by NULs that stand in one place of every unit."""
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    if _mostly_nul(head[1::4]) and _mostly_nul(head[2::4]):
        return "UTF-32" if _mostly_nul(head[::4]) != _mostly_nul(head[3::4]) else None
    return "UTF-16" if _mostly_nul(head[::2]) != _mostly_nul(head[1::2]) else None


def wide_charset(wide: str, head: bytes) -> str:
    """What a task must say to read such a file."""
    marked = any(head.startswith(bom) for bom, _ in _BOMS)
    # Without a mark the order of the bytes shows in where the NULs are: behind ASCII, or before it.
    order = "" if marked else "-le" if head[:1] != b"\0" else "-be"
    return f"{wide.lower()}{order}"


def _mostly_nul(some: bytes) -> bool:
    return len(some) > 1 and some.count(0) * 10 >= len(some) * 8


def _hold_at(file: BinaryIO, offset: int) -> Hold:
    what = f"The file is not UTF-8: byte {offset} cannot be read"
    file.seek(max(0, offset - HEAD_BYTES))
    before = file.read(min(offset, HEAD_BYTES))
    around = before + file.read(HEAD_BYTES)
    if before.isascii() and _reads_as_cp1252(around):
        return _held(f"{what}; it looks like Windows-1252 or Latin-1", _CP1252_HINT)
    return _held(what, _DAMAGED_HINT)


def _reads_as_cp1252(some: bytes) -> bool:
    """Whether every byte is a character there, and letters outweigh the signs that damage would bring."""
    try:
        text = some.decode("cp1252")
    except UnicodeDecodeError:
        return False
    beyond_ascii = [character for character in text if not character.isascii()]
    return "\0" not in text and 2 * sum(map(str.isalpha, beyond_ascii)) >= len(beyond_ascii)


def _held(what: str, hint: str) -> Hold:
    return Hold(reason=HeldReason.NOT_UTF8, what=what, hint=hint)
