"""Unpacks a fetched object: decrypts it if needed, then decompresses it."""

from __future__ import annotations

import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bucketlift.codecs.allowance import Allowance, Refused
from bucketlift.codecs.entries import EntryFilter
from bucketlift.codecs.kinds import HEAD, kind_of
from bucketlift.codecs.mail_text import UNKNOWN, RecordForm
from bucketlift.codecs.pgp import ACCEPT_SIGNED, Keyring, open_message
from bucketlift.codecs.pgp_armour import SEARCHED, begins_in
from bucketlift.codecs.pgp_marks import Message, message_kind
from bucketlift.codecs.streams import unpack_stream
from bucketlift.codecs.tar import unpack_tar
from bucketlift.codecs.zip import unpack_zip
from bucketlift.model.hold import HeldReason, Hold
from bucketlift.model.packing import Archive, Compression, Unpacked, ZipEntries
from bucketlift.tabular.decode.magic_bytes import is_tar

_NO_KEY = "Give the task a key: bucketlift keys create NAME, send the public key to the sender, and write `pgp: {keys: [NAME]}`."

_ACCEPT = "Set `pgp: {signed: accept}`, with `signers: [NAME]` to have the signature checked. Or ask the sender for the plain file."


@dataclass(frozen=True, slots=True, kw_only=True)
class Packing:
    """A task's settings for packed files. The function ``keyring`` is called only for an encrypted file."""

    keyring: Callable[[], Keyring] | None = None
    """A function that creates the task's keyring; None if the task has no PGP settings."""
    required: bool = False
    """Whether to refuse a file that is not encrypted."""
    in_mail: bool = False
    """Whether to search the text of an e-mail for a PGP message. If ``required`` is true, it is always
    searched. A task that also reads plain files cannot know whether such a message is the content of a cell.
    """
    form: RecordForm = UNKNOWN
    """The form of the task's records. By this form, they are recognized in the text around a PGP message."""
    compression: Compression = Compression.AUTO
    entries: ZipEntries = ZipEntries.ONE
    archive: Archive | None = None


def looks_packed(head: bytes, compression: Compression) -> bool:
    """Whether an object that starts with these bytes must be unpacked or refused. Call this only for a task
    without PGP settings.
    """
    try:
        return (
            message_kind(head[:HEAD], len(head)) is not None
            or kind_of(head[:HEAD], compression) is not Compression.NONE
            or (compression is Compression.AUTO and is_tar(head))
        )
    except Refused:
        return True


@contextmanager
def unpacked(
    raw: Path, packing: Packing, allowance: Allowance, *, beside: Path | None = None
) -> Iterator[Unpacked | Hold]:
    """Yield the plain bytes of an object. The files that are written for this are in the object's folder or
    in ``beside``, and are deleted when the block ends.
    """
    folder = _Folder(beside or raw.parent)
    try:
        try:
            found: Unpacked | Hold = _plain(raw, packing, allowance, folder)
        except Refused as refused:
            found = refused.hold
        yield found
    finally:
        folder.remove()


class _Folder:
    """A folder for temporary files. It is created when the first file is written."""

    def __init__(self, beside: Path) -> None:
        self._path = beside
        self._made: Path | None = None

    @property
    def path(self) -> Path:
        if self._made is None:
            self._made = Path(tempfile.mkdtemp(prefix="unpacked-", dir=self._path))
        return self._made

    def file(self) -> Path:
        return self.path / secrets.token_hex(8)

    def remove(self) -> None:
        if self._made is not None:
            shutil.rmtree(self._made, ignore_errors=True)


def _plain(raw: Path, packing: Packing, allowance: Allowance, folder: _Folder) -> Unpacked:
    opened, pgp_notes = _decrypted(raw, packing, allowance, folder)
    entry_filter = EntryFilter(entries=packing.entries, archive=packing.archive)
    kind = kind_of(_head(opened), packing.compression)
    content = opened
    if kind is Compression.ZIP:
        parts, notes = unpack_zip(opened, folder.file, entry_filter, allowance)
    else:
        if kind is not Compression.NONE:
            content = folder.file()
            unpack_stream(opened, content, kind, allowance)
        parts, notes = (content,), ()
        if packing.compression is not Compression.NONE and is_tar(_head(content)):
            parts, notes = unpack_tar(content, folder.file, entry_filter, allowance)
    for path in {opened, content} - {raw, *parts}:
        path.unlink()
    if parts != (opened,):
        for part in parts:
            _require_plain(part)
    return Unpacked(parts=parts, notes=pgp_notes + notes)


def _decrypted(
    raw: Path, packing: Packing, allowance: Allowance, folder: _Folder
) -> tuple[Path, tuple[str, ...]]:
    """The file itself, or the decrypted content of its message. Also returns notes about the message."""
    kind = _message_kind(raw, packing)
    if kind is Message.SIGNATURE:
        raise Refused(
            HeldReason.SIGNED,
            "The file is a PGP signature of another file, and has no content",
            "Ignore the file, and let the task's `pattern` choose the files that have content.",
        )
    if kind is None:
        if packing.required and raw.stat().st_size:
            raise Refused(
                HeldReason.NOT_ENCRYPTED,
                "The file is not encrypted with PGP, but must be",
                "Ask the sender to encrypt the file, or set `pgp: {required: false}`.",
            )
        return raw, ()
    if packing.keyring is None:
        raise _no_message_expected(kind)
    keyring = packing.keyring()
    if kind is not Message.ENCRYPTED and not keyring.signed_accepted:
        raise Refused(
            HeldReason.NOT_ENCRYPTED, f"The file is {_WORDS[kind]}, but not encrypted", ACCEPT_SIGNED
        )
    to = folder.file()
    return to, open_message(raw, kind, to, keyring, allowance, folder=folder.path, form=packing.form)


_WORDS = {
    Message.ENCRYPTED: "encrypted",
    Message.SIGNED: "signed with PGP",
    Message.CLEAR_SIGNED: "clear-signed with PGP",
    Message.SIGNATURE: "a PGP signature",
}


def _message_kind(raw: Path, packing: Packing) -> Message | None:
    with raw.open("rb") as file:
        head = file.read(SEARCHED)
    found = message_kind(head[:HEAD], raw.stat().st_size)
    if found is None and (packing.required or packing.in_mail) and begins_in(head):
        begin = head.index(b"-----BEGIN PGP ")
        return message_kind(head[begin : begin + HEAD])
    return found


def _no_message_expected(kind: Message) -> Refused:
    if kind is Message.ENCRYPTED:
        return Refused(HeldReason.ENCRYPTED, "The file is encrypted with PGP", _NO_KEY)
    return Refused(HeldReason.SIGNED, f"The file is {_WORDS[kind]}", _ACCEPT)


def _require_plain(part: Path) -> None:
    head = _head(part)
    message = message_kind(head, part.stat().st_size)
    if message is not None:
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            f"The content of the compressed file is {_WORDS[message]}",
            "Ask the sender to compress first, and then to encrypt or sign.",
        )
    if kind_of(head, Compression.AUTO) is not Compression.NONE or is_tar(head):
        raise Refused(
            HeldReason.COMPRESSION_REFUSED,
            "The content of the compressed file is compressed again",
            "Ask the sender to compress it once.",
        )


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD)
