# ruff: noqa: SLF001 - paramiko has no public call for these requests
"""Sends SFTP requests that paramiko does not offer, or does not offer in the way that is needed here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from bucketlift.stores.sftp_session import SftpRefused

if TYPE_CHECKING:
    import paramiko

PIECE = 32 * 1024
"""Number of bytes of one read request. If more bytes are requested, a server may return fewer."""


def extended(client: paramiko.SFTPClient, request: bytes, *arguments: bytes) -> None:
    """Send a request of an extension, such as ``hardlink@openssh.com``."""
    import paramiko  # noqa: PLC0415 - only for SFTP

    client._request(paramiko.sftp.CMD_EXTENDED, request, *arguments)


def entries(client: paramiko.SFTPClient, folder: bytes) -> Iterator[tuple[bytes, Any]]:
    """Yield the names and attributes in a folder. paramiko's own listing is not used, because it fails if a
    name is not UTF-8.
    """
    import paramiko  # noqa: PLC0415 - only for SFTP

    _, answer = client._request(paramiko.sftp.CMD_OPENDIR, folder)
    handle = answer.get_binary()
    try:
        while True:
            try:
                _, answer = client._request(paramiko.sftp.CMD_READDIR, handle)
            except EOFError:
                return
            for _ in range(answer.get_int()):
                name, _ = answer.get_binary(), answer.get_binary()
                attributes = paramiko.SFTPAttributes._from_msg(answer)
                if name not in (b".", b".."):
                    yield name, attributes
    finally:
        with suppress(SftpRefused):
            client._request(paramiko.sftp.CMD_CLOSE, handle)


def read(client: paramiko.SFTPClient, handle: bytes, at: int, size: int) -> bytes:
    """Read up to ``size`` bytes from the position ``at`` with several requests at once. After the end of the
    file, the result is empty.

    paramiko's own read-ahead is not used, because nothing catches the errors of its thread.
    """
    import paramiko  # noqa: PLC0415 - only for SFTP

    answers, wanted = _Answers(), dict[int, int]()
    for start in range(at, at + size, PIECE):
        length = min(PIECE, at + size - start)
        position = paramiko.sftp.int64(start)
        wanted[client._async_request(answers, paramiko.sftp.CMD_READ, handle, position, length)] = length
    while len(answers.found) < len(wanted):
        client._read_response()
    pieces = []
    for number, length in wanted.items():
        kind, answer = answers.found[number]
        if kind == paramiko.sftp.CMD_STATUS:
            with suppress(EOFError):
                client._convert_status(answer)
            break
        pieces.append(answer.get_string())
        if len(pieces[-1]) < length:
            break  # the next call asks for the rest
    return b"".join(pieces)


class _Answers:
    """Collects the answers to requests, by the number of the request."""

    def __init__(self) -> None:
        self.found: dict[int, tuple[int, Any]] = {}

    def _async_response(self, kind: int, answer: Any, number: int) -> None:
        self.found[number] = kind, answer
