"""Answers HTTP in a thread of its own."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from bucketlift.errors import RequestWrong


@contextmanager
def listening(app: FastAPI, host: str, port: int) -> Iterator[str]:
    """The address, until the block ends. Port 0 takes a free one.

    Raises:
        RequestWrong: the port is taken, or is not ours to take.
    """
    with _bound(host, port) as bound:
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", server_header=False)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]}, name="http", daemon=True)
        thread.start()
        try:
            yield f"http://{f'[{host}]' if ':' in host else host}:{bound.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        raise RequestWrong(
            f"The address cannot be listened on ({error.strerror})",
            to=f"{host}:{port}",
            hint="Choose another with --port, or end what listens there.",
        ) from error
