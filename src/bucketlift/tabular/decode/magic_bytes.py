"""Recognises by their first bytes files that are not text tables."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

HEAD_BYTES = 4096

_ASK_FOR_TEXT = "Ask the sender for CSV or TSV text."
_PACKED = "Set `compression: auto`. If it is set, the file is packed twice: ask the sender to pack it once."
_ARCHIVE = (
    'Set `compression: auto`, and name the files to read: `archive: {entries: "*.csv"}`. '
    "If both are set, the file is packed twice: ask the sender to pack it once."
)
_SHEET = "Open the file in a spreadsheet program, and export it as 'CSV UTF-8'."
_PGP = "Set the key in the task (`pgp`). If it is set, the file was encrypted twice: ask the sender to encrypt it once."
_SIGNED = (
    "Set `pgp: {signed: accept}`. If it is set, the file was signed twice: ask the sender to sign it once."
)


class FileFormat(NamedTuple):
    """A kind of file that is not a text table, such as ``a PDF document``, and what to do with it."""

    kind: str
    hint: str
    on_command: str = ""
    """The hint for the command line, with options in place of settings."""
    settings: tuple[Mapping[str, Any], ...] = ()
    """The setting of the dialect that reads the file, if there is one."""


_BEGINNINGS: tuple[tuple[bytes, FileFormat], ...] = (
    (b"\x1f\x8b", FileFormat("compressed with gzip", _PACKED)),
    (b"\xfd7zXZ\0", FileFormat("compressed with xz", _PACKED)),
    (b"\x28\xb5\x2f\xfd", FileFormat("compressed with zstd", _PACKED)),
    (b"7z\xbc\xaf\x27\x1c", FileFormat("a 7-Zip archive", _ASK_FOR_TEXT)),
    (b"Rar!\x1a\x07", FileFormat("a RAR archive", _ASK_FOR_TEXT)),
    (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        FileFormat("an Excel workbook (.xls) or another Office document", _SHEET),
    ),
    (b"-----BEGIN PGP SIGNED MESSAGE-----", FileFormat("clear-signed with PGP", _SIGNED)),
    (
        b"-----BEGIN PGP SIGNATURE-----",
        FileFormat(
            "a PGP signature of another file", "Load the file that it belongs to, and ignore this one."
        ),
    ),
    (
        b"-----BEGIN PGP PUBLIC KEY",
        FileFormat("a PGP key", "Import it with `bucketlift keys import`, and ignore this file."),
    ),
    (b"-----BEGIN PGP ", FileFormat("encrypted or signed with PGP", _PGP)),
    (b"%PDF-", FileFormat("a PDF document", _ASK_FOR_TEXT)),
    (b"ARROW1\0", FileFormat("an Arrow file", _ASK_FOR_TEXT)),
    (b"Obj\x01", FileFormat("an Avro file", _ASK_FOR_TEXT)),
    (b"SQLite format 3\0", FileFormat("an SQLite database", _ASK_FOR_TEXT)),
    (b"\0\1\0\0Standard ", FileFormat("an Access database", _ASK_FOR_TEXT)),
    (b"$FL2@(#)", FileFormat("an SPSS file", _ASK_FOR_TEXT)),
    (b"<stata_dta>", FileFormat("a Stata file", _ASK_FOR_TEXT)),
    (b"\x89PNG\r\n\x1a\n", FileFormat("a picture (PNG)", _ASK_FOR_TEXT)),
    (b"\xff\xd8\xff", FileFormat("a picture (JPEG)", _ASK_FOR_TEXT)),
    (b"{\\rtf", FileFormat("an RTF document", _ASK_FOR_TEXT)),
    (
        b"version https://git-lfs.github.com/spec/",
        FileFormat(
            "a pointer of Git LFS, in place of the file",
            "Ask the sender for the file itself: `git lfs pull` fetches it.",
        ),
    ),
)
_PARQUET = re.compile(rb"PAR1[\0-\x08\x0e-\x1f]")
"""Matches Parquet's magic bytes and the Thrift number after them. The magic bytes alone are not enough,
because a text table may have a column named ``PAR1``.
"""
_BZIP2 = re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)")
_ZIP = re.compile(rb"PK(\x03\x04|\x05\x06|\x07\x08)")
_HTML = re.compile(
    rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body|table)\b", re.IGNORECASE | re.DOTALL
)
_S3_ERROR = re.compile(rb"\s*(<\?xml[^>]*\?>\s*)?<Error>\s*<Code>([A-Za-z]{1,64})</Code>")
_XML = re.compile(rb"\s*<(\?xml\s|[A-Za-z_][\w:.-]*[\s>/])")
_JSON_LINES = re.compile(rb'\s*\{\s*"[^\n]*\}\r?\n\s*\{\s*"')
_JSON = re.compile(rb'\s*(\[\s*)?(\{\s*("|\})|\[\s*(\[|"|\]))')
_SEP = re.compile(rb'"?sep=(.)"?[\t ,;|]*\r?\n', re.IGNORECASE)
_PGP_PACKET = re.compile(rb"[\x84\x85][\x00-\x08]?.\x03|\xc1.{1,2}\x03|[\x8c\xc3].[\x04\x05]", re.DOTALL)
"""Matches a packet with a session key (RFC 4880 and 9580), for a public key (tag 1) or a password (tag 3)."""
_TAR_CHECKSUM = slice(148, 156)
_BLOCK = 512


def file_format_of(head: bytes) -> FileFormat | None:
    """The kind of a file that starts with these bytes; None if it may be text."""
    head = head[:HEAD_BYTES]
    plain = head.removeprefix(b"\xef\xbb\xbf")
    for beginning, file_format in _BEGINNINGS:
        if plain.startswith(beginning):
            return file_format
    if _ZIP.match(head):
        return _zip(head)
    if _PARQUET.match(head):
        return FileFormat("a Parquet file", _ASK_FOR_TEXT)
    if _BZIP2.match(head):
        return FileFormat("compressed with bzip2", _PACKED)
    if is_tar(head):
        return FileFormat("a tar archive", _ARCHIVE)
    if _is_zlib(head):
        return FileFormat(
            "compressed with zlib, without the header of gzip",
            "Ask the sender for gzip, or for the plain file.",
        )
    return _text(plain)


def _text(plain: bytes) -> FileFormat | None:
    if _HTML.match(plain):
        if b"<table" in plain.lower():
            return FileFormat("an HTML page with a table, perhaps saved as .xls", _SHEET)
        return FileFormat(
            "an HTML page", "A page was saved in place of the file, perhaps one that asks to sign in."
        )
    if error := _S3_ERROR.match(plain):
        code = error[2].decode("ascii")
        return FileFormat(
            f"an error message of S3 ({code}), in place of the file",
            "Ask the sender to upload the file itself.",
        )
    if _XML.match(plain):
        return FileFormat("an XML document", _ASK_FOR_TEXT)
    if _JSON_LINES.match(plain):
        return FileFormat("JSON Lines", _ASK_FOR_TEXT)
    if _JSON.match(plain):
        return FileFormat("JSON", _ASK_FOR_TEXT)
    return _table(plain)


def _table(plain: bytes) -> FileFormat | None:
    """The kind of a file with a table that is not plain text with delimiters; otherwise None."""
    if b"\x1e" in plain and b"\n" not in plain.strip():
        return FileFormat(
            "text whose records end with U+001E", "Ask the sender for records that end with LF or CRLF."
        )
    if sep := _SEP.match(plain):
        mark = {"\t": "\\t"}.get(sep[1].decode("latin-1"), sep[1].decode("latin-1"))
        return FileFormat(
            f"a table below a line `sep={mark}` for Excel",
            f'Set `dialect: {{header_line: 2, delimiter: "{mark}"}}`.',
            f"Add --header-line 2 --delimiter '{mark}'.",
            ({"header_line": 2, "delimiter": sep[1].decode("latin-1")},),
        )
    return None


def is_tar(head: bytes) -> bool:
    """Whether a file starts with a tar header whose checksum is right. Old tar formats have no other magic
    bytes.
    """
    block = head[:_BLOCK]
    if len(block) < _BLOCK or b"\0" not in block or not block[0]:
        return False
    stored = block[_TAR_CHECKSUM].strip(b" \0")
    if not stored or not set(stored) <= set(b"01234567"):
        return False
    others = block[:148] + b" " * 8 + block[156:]
    signed = sum(byte - 256 if byte > 127 else byte for byte in others)
    return int(stored, 8) in (sum(others), signed)


def _is_zlib(head: bytes) -> bool:
    if len(head) < 6 or head[0] != 0x78 or (head[0] * 256 + head[1]) % 31:
        return False
    try:
        return len(zlib.decompressobj().decompress(head, 1 << 16)) > 2
    except zlib.error:
        return False


def _zip(head: bytes) -> FileFormat:
    if b"[Content_Types].xml" in head or b"xl/" in head:
        return FileFormat("an Excel workbook (.xlsx)", _SHEET)
    if b"opendocument.spreadsheet" in head:
        return FileFormat("an OpenDocument spreadsheet (.ods)", _SHEET)
    return FileFormat("a zip archive", _ARCHIVE)


def binary_format_of(head: bytes) -> FileFormat | None:
    """The kind of a file, like ``file_format_of``, if it cannot be text in the task's encoding."""
    if found := file_format_of(head):
        return found
    return FileFormat("encrypted with PGP", _PGP) if _PGP_PACKET.match(head) else None
