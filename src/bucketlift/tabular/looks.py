"""What a file is that is no table of text, by its first bytes."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD_BYTES = 4096

_ANEW = "Ask the sender for CSV or TSV text."
_UNPACKED = "It is packed, perhaps once more than the task unpacks: ask the sender, or see `compression`."
_SHEET = "Open it in a spreadsheet program, and export it as 'CSV UTF-8'."
_PGP = "Give the task the key (`pgp`). If it has it, the file was encrypted twice: ask the sender to encrypt it once."


class Looks(NamedTuple):
    """A kind of file, such as ``a PDF document``, and what to do with it."""

    kind: str
    hint: str


_BEGINNINGS: tuple[tuple[bytes, Looks], ...] = (
    (b"\x1f\x8b", Looks("compressed with gzip", _UNPACKED)),
    (b"\xfd7zXZ\0", Looks("compressed with xz", _UNPACKED)),
    (b"\x28\xb5\x2f\xfd", Looks("compressed with zstd", _UNPACKED)),
    (b"7z\xbc\xaf\x27\x1c", Looks("a 7-Zip archive", _ANEW)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        Looks("an Excel workbook (.xls) or another Office document", _SHEET),
    ),
    (b"-----BEGIN PGP ", Looks("encrypted or signed with PGP", _PGP)),
    (b"%PDF-", Looks("a PDF document", _ANEW)),
    (b"PAR1", Looks("a Parquet file", _ANEW)),
    (b"ARROW1", Looks("an Arrow file", _ANEW)),
    (b"Obj\x01", Looks("an Avro file", _ANEW)),
    (b"SQLite format 3\0", Looks("an SQLite database", _ANEW)),
    (b"{\\rtf", Looks("an RTF document", _ANEW)),
)
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")
_ZIP = re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)")
_HTML = re.compile(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL)
_XML = re.compile(rb"\s*<(\?xml\s|[A-Za-z_][\w:.-]*[\s>/])")
_JSON = re.compile(rb'\s*(\[\s*)?(\{\s*("|\})|\[\s*(\[|"|\]))')
_PGP_PACKET = re.compile(rb"[\x84\x85][\x00-\x08]?.\x03|\xc1.{1,2}\x03|[\x8c\xc3].[\x04\x05]", re.DOTALL)
"""A session key in the packets of RFC 4880 and 9580: for a public key (tag 1), or a password (tag 3)."""


def looks_of(head: bytes) -> Looks | None:
    """What a file that begins so is; None where it may be text."""
    head = head[:HEAD_BYTES]
    plain = head.removeprefix(b"\xef\xbb\xbf")
    for beginning, looks in _BEGINNINGS:
        if head.startswith(beginning):
            return looks
    if _ZIP.match(head):
        return _zip(head)
    if _BZIP2.match(head):
        return Looks("compressed with bzip2", _UNPACKED)
    if _HTML.match(plain):
        return Looks(
            "an HTML page", "A page was kept in place of the file, perhaps one that asks to sign in."
        )
    if _XML.match(plain):
        return Looks("an XML document", _ANEW)
    if _JSON.match(plain):
        return Looks("JSON", _ANEW)
    return None


def _zip(head: bytes) -> Looks:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return Looks("an Excel workbook (.xlsx)", _SHEET)
    if b"opendocument.spreadsheet" in head:
        return Looks("an OpenDocument spreadsheet (.ods)", _SHEET)
    return Looks("a zip archive", _UNPACKED)


def looks_of_bytes(head: bytes) -> Looks | None:
    """As ``looks_of``, of a file of which it is known that it is no text in the task's encoding."""
    if found := looks_of(head):
        return found
    return Looks("encrypted with PGP", _PGP) if _PGP_PACKET.match(head) else None
