"""Opens the file of a sample: unpacks and decrypts it, and refuses files that are not text tables."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

from bucketlift.codecs.allowance import Refused
from bucketlift.codecs.kinds import kind_of
from bucketlift.codecs.pgp_marks import message_kind
from bucketlift.codecs.streams import unpack_beginning
from bucketlift.errors import RequestWrong
from bucketlift.model.hold import Hold
from bucketlift.model.packing import Compression
from bucketlift.model.workflow import ExtractTask
from bucketlift.service.core.app import App, no_progress
from bucketlift.service.editor import extracts
from bucketlift.tabular.decode.encoding import wide_encoding
from bucketlift.tabular.decode.magic_bytes import HEAD_BYTES, file_format_of, is_tar

KEPT = 64 * 1024
"""Number of bytes at the beginning of a sample that are stored for *Verify fields*."""
LONGEST_LINE = 1 << 20
"""Maximum bytes of the first line of a sample."""
_UNPACKED = 4 << 20
"""Maximum bytes that are unpacked of a compressed sample."""
SAVE_AS_CSV = (
    "Save it as CSV (UTF-8), and choose that file. In Excel: File > Save a Copy > CSV UTF-8 (Comma delimited). In "
    "LibreOffice: File > Save As > Text CSV, with the character set UTF-8. In Google Sheets: File > Download > "
    "Comma-separated values. The files in the bucket must be CSV or TSV too."
)
_SEND_TABLE = "A sample is a CSV or TSV file. Ask the sender for CSV (UTF-8). The files in the bucket must be CSV or TSV too."
_SHEETS = ("spreadsheet", "workbook", "perhaps saved as .xls")
_ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods", ".numbers", ".pdf")
_MAY_BE_TABLES = ("an XML document", "JSON", "JSON Lines", "a table below")
"""Beginnings of the kinds of text that a table may look like."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainSample:
    """The beginning of the text of a sample."""

    head: bytes
    whole: bool
    """Whether this is the whole file."""
    packing: str = ""
    """How the file is packed, for example ``gzip``; empty if it is not."""


def plain_sample(app: App, extract: extracts.Form, *, name: str, content: bytes, whole: bool) -> PlainSample:
    """The beginning of the text of a file, of which ``content`` is the beginning or the ``whole``.

    Raises:
        RequestWrong: the file is not a text table, or cannot be unpacked. The error says what it is and what
        to do.
    """
    _refuse_workbook(name, content)
    task = _task(extract)
    packing = _packing(content, task, name)
    if not packing:
        return _beginning(_refuse_other(name, content), whole=whole, name=name)
    if packing in _STREAMS and not _is_encrypted(content):
        text = _unpacked_beginning(content, Compression(packing), name)
        if not is_tar(text[:HEAD_BYTES]):
            text = _refuse_other(name, text)
            found = _beginning(text, whole=whole and len(text) < _UNPACKED, name=name)
            return replace(found, packing=packing)
    if not whole:
        raise RequestWrong(
            f"The file is {_KINDS.get(packing, packing)}, and too large to unpack here",
            to=name,
            hint="Choose a smaller file, or upload a file with its first lines.",
        )
    with _unpacked(app, task, name, content) as part, part.open("rb") as file:
        text = file.read(_UNPACKED)
    _refuse_workbook(name, text)
    found = _beginning(_refuse_other(name, text), whole=len(text) < _UNPACKED, name=name)
    return replace(found, packing=packing)


_STREAMS = ("gzip", "bzip2", "xz", "zstd")
_KINDS = {"zip": "a zip archive", "tar": "a tar archive", "PGP": "encrypted or signed with PGP"}


def needs_whole(head: bytes) -> bool:
    """Whether a file that starts with these bytes can only be opened as a whole."""
    return _is_encrypted(head) or head.startswith(b"PK") or is_tar(head[:HEAD_BYTES])


def _task(extract: extracts.Form) -> ExtractTask:
    known = {name: value for name, value in extract.items() if name not in ("columns", "fields", "dialect")}
    try:
        return extracts.compiled_alone(known)
    except RequestWrong:
        kept: extracts.Form = {
            name: known[name] for name in ("kind", "file_type", "archive") if name in known
        }
        return extracts.compiled_alone({"kind": "s3", "after_import": "keep", **kept})


def _is_encrypted(content: bytes) -> bool:
    return message_kind(content[:HEAD_BYTES], len(content)) is not None


def _packing(content: bytes, task: ExtractTask, name: str) -> str:
    """How a file is packed; empty if it is not."""
    if _is_encrypted(content):
        if task.pgp is None:
            raise RequestWrong(
                "The file is encrypted or signed with PGP",
                to=name,
                hint="Under Encryption on this page, switch on Use PGP and choose the key. Or choose a file that is not encrypted.",
            )
        return "PGP"
    try:
        kind = kind_of(content[:HEAD_BYTES], Compression.AUTO)
    except Refused as refused:
        raise RequestWrong(refused.hold.what, to=name, hint=refused.hold.hint) from None
    if kind is not Compression.NONE:
        return kind.value
    return "tar" if is_tar(content[:HEAD_BYTES]) else ""


def _unpacked_beginning(content: bytes, kind: Compression, name: str) -> bytes:
    try:
        return unpack_beginning(content, kind, _UNPACKED)
    except Refused as refused:
        raise RequestWrong(refused.hold.what, to=name, hint=refused.hold.hint) from None


@contextmanager
def _unpacked(app: App, task: ExtractTask, name: str, content: bytes) -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        raw = Path(folder) / "object"
        raw.write_bytes(content)
        codecs = app.services(Path(folder) / "spool", no_progress).codecs
        with codecs.unpacked(raw, task, accepted=frozenset(), check_cancelled=_not_cancelled) as plain:
            if isinstance(plain, Hold):
                raise RequestWrong(plain.what, to=name, hint=plain.hint)
            yield plain.parts[0]


def _not_cancelled() -> None:
    """Do nothing: the opening of a sample cannot be cancelled."""


def _refuse_workbook(name: str, content: bytes) -> None:
    """Refuse a spreadsheet in a zip, or a zip with a spreadsheet. The list of a zip's files is at its end, so
    it can only be read in a whole file.
    """
    if not content.startswith(b"PK"):
        return
    entries: list[str] = []
    with suppress(zipfile.BadZipFile, OSError), zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = archive.namelist()
    if not entries:
        _refuse_other(name, content, only_sheets=True)
    found = next((end for entry in entries for end in _ENDINGS if entry.lower().endswith(end)), None)
    kind = ""
    if "xl/workbook.xml" in entries or "xl/workbook.bin" in entries:
        kind = "an Excel workbook (.xlsx), which is a spreadsheet"
    elif "content.xml" in entries and "META-INF/manifest.xml" in entries:
        kind = "an OpenDocument spreadsheet (.ods)"
    elif any(entry.endswith(".iwa") for entry in entries):
        kind = "a Numbers spreadsheet"
    elif found is not None and all(
        entry.endswith("/") or entry.lower().endswith(_ENDINGS) for entry in entries
    ):
        kind = f"a zip archive that contains no table, but a {found} file"
    if kind:
        raise RequestWrong(f"The file is {kind}", to=name, hint=SAVE_AS_CSV)


def _refuse_other(name: str, text: bytes, *, only_sheets: bool = False) -> bytes:
    """Return the text. Refuse it if it is surely not a table, by its first bytes."""
    head = text[:HEAD_BYTES]
    found = file_format_of(head)
    if found is None or found.kind.startswith(_MAY_BE_TABLES):
        return text
    is_sheet = any(word in found.kind for word in _SHEETS)
    if only_sheets and not is_sheet:
        return text
    kind = found.kind
    if is_sheet and "spreadsheet" not in kind:
        kind += ", which is a spreadsheet"
    hint = SAVE_AS_CSV if is_sheet else found.hint if "sign in" in found.hint else _SEND_TABLE
    raise RequestWrong(f"The file is {kind}", to=name, hint=hint)


def _beginning(content: bytes, *, whole: bool, name: str) -> PlainSample:
    """The first complete lines. A text in UTF-16 is cut between two characters."""
    if not content:
        hint = "Choose a file with a header row."
        raise RequestWrong("The sample file is empty", to=name, hint=hint)
    if whole and len(content) <= KEPT:
        return PlainSample(head=content, whole=True)
    end = max(content.rfind(end, 0, KEPT) for end in (b"\n", b"\r")) + 1
    end = end or content.find(b"\n", 0, LONGEST_LINE) + 1
    if not end and not (whole and len(content) <= LONGEST_LINE):
        hint = "Choose a file whose lines end with LF or CRLF, and whose first line is the header."
        raise RequestWrong("The first line is longer than 1 MB", to=name, hint=hint)
    end = end or len(content)
    end += -end % {"UTF-16": 2, "UTF-32": 4}.get(wide_encoding(content[:HEAD_BYTES]) or "", 1)
    return PlainSample(head=content[:end], whole=end >= len(content) and whole)
