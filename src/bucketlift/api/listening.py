"""Serves HTTP in a separate thread."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from bucketlift.errors import RequestWrong

LAST_ANSWERS = 3
"""Seconds after a shutdown request in which open responses may end. This limit is needed, because streams of
progress never end.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tls:
    """The PEM files for HTTPS."""

    certificate: Path
    """The PEM file with the server's certificate, followed by the intermediate certificates."""
    key: Path


@contextmanager
def listening(
    app: FastAPI, host: str, port: int, *, tls: Tls | None = None, trusted_proxy: str | None = None
) -> Iterator[str]:
    """Serve while the block lasts. Yields the address. Port 0 means a free port.

    Raises:
        RequestWrong: the port is in use or not permitted, or the TLS files cannot be used.
    """
    if tls is not None:
        _require_usable(tls)
    with _bound(host, port) as bound:
        app.state.going = threading.Event()  # open streams read this flag and end
        server = uvicorn.Server(_config(app, tls, trusted_proxy))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="http", daemon=True)
        thread.start()
        try:
            scheme = "http" if tls is None else "https"
            yield f"{scheme}://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
        finally:
            app.state.going.set()
            server.should_exit = True
            thread.join()


def _config(app: FastAPI, tls: Tls | None, trusted_proxy: str | None) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        server_header=False,
        ws="none",
        # By default, uvicorn would trust these headers from this machine.
        proxy_headers=trusted_proxy is not None,
        forwarded_allow_ips=trusted_proxy or "",
        timeout_graceful_shutdown=LAST_ANSWERS,
        ssl_certfile=None if tls is None else tls.certificate,
        ssl_keyfile=None if tls is None else tls.key,
    )


def _require_usable(tls: Tls) -> None:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(tls.certificate, tls.key, password="")
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "strerror", None) or "they cannot be read"
        raise RequestWrong(
            f"The TLS files cannot be used ({why})",
            to=f"{tls.certificate}, {tls.key}",
            hint="Use a certificate and its key in PEM, without a passphrase.",
        ) from error


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise RequestWrong(
            f"Bucketlift cannot listen on the address ({error.strerror})",
            to=f"{host}:{port}",
            hint="Choose another port with --port, or stop the program that uses it.",
        ) from error
