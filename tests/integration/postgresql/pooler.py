"""A connection pool that answers as pgbouncer does with ``pool_mode = statement``."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager

_ASKS_FOR_ENCRYPTION = {80877103, 80877104}
_SAID = {"server_version": "16.4", "client_encoding": "UTF8", "standard_conforming_strings": "on"}


@contextmanager
def statement_pooler() -> Iterator[int]:
    """The port. Whoever begins a transaction has its session ended."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        threading.Thread(target=_serve, args=(server,), daemon=True).start()
        yield server.getsockname()[1]


def _serve(server: socket.socket) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with closing(client):
            _greet(client)
            _read(client)
            said = [b"SFATAL", b"VFATAL", b"C08P01", _TRANSACTION, b""]
            client.sendall(_message(b"E", b"\0".join(said) + b"\0"))


_TRANSACTION = b"Mtransaction blocks not allowed in statement pooling mode"


def _greet(client: socket.socket) -> None:
    while True:
        length, code = struct.unpack("!II", _exactly(client, 8))
        _exactly(client, length - 8)
        if code not in _ASKS_FOR_ENCRYPTION:
            break
        client.sendall(b"N")
    settings = [_message(b"S", f"{name}\0{value}\0".encode()) for name, value in _SAID.items()]
    client.sendall(b"".join([_message(b"R", struct.pack("!I", 0)), *settings, _message(b"Z", b"I")]))


def _read(client: socket.socket) -> None:
    _, length = struct.unpack("!cI", _exactly(client, 5))
    _exactly(client, length - 4)


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!I", len(content) + 4) + content


def _exactly(client: socket.socket, size: int) -> bytes:
    received = b""
    while len(received) < size:
        received += client.recv(size - len(received)) or exit_thread()
    return received


def exit_thread() -> bytes:
    raise SystemExit
