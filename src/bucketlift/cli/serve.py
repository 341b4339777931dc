"""serve, worker: processes that stand by."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.model.worker import WorkerKind
    from bucketlift.service.serving import Serving

HEED = 0.5
"""Seconds after which a signal is heard, at most."""

Host = Annotated[str, typer.Option(help="The address to listen on.")]


def add_to(tree: typer.Typer) -> None:
    tree.command("serve")(serve)
    tree.command("worker")(worker)


def serve(
    host: Host = "127.0.0.1",
    port: Annotated[
        int, typer.Option(help="Port of the health and metrics addresses; 0: a free one.")
    ] = 8484,
) -> None:
    """Keep the schedules, do the runs, send the notices; answer /health/live, /health/ready and /metrics."""
    from bucketlift.model.worker import WorkerKind

    _stand_by(WorkerKind.SERVE, host, port)


def worker(
    host: Host = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics addresses; without it, none.")
    ] = None,
) -> None:
    """Work beside `serve`: one more process, here or on another machine of a fleet."""
    from bucketlift.model.worker import WorkerKind

    _stand_by(WorkerKind.WORKER, host, port)


def _stand_by(kind: WorkerKind, host: str, port: int | None) -> None:
    from bucketlift.service.serving import serving

    with installation() as app, ExitStack() as open_here, serving(app, kind) as here:
        address = None
        if port is not None:
            from bucketlift.api.health import health_app
            from bucketlift.api.listening import listening

            address = open_here.enter_context(listening(health_app(here), host, port))
        _say(here, address)
        _wait(here)


def _say(here: Serving, address: str | None) -> None:
    name = here.engine.presence.name
    if output.is_json():
        output.document({"worker": here.engine.presence.id, "name": name, "address": address})
        output.flush()
        return
    at = "" if address is None else f", {address}/health/ready, {address}/metrics"
    output.text(f"At work as {name}{at}. Ctrl-C or SIGTERM ends it in order.")
    output.flush()


def _wait(here: Serving) -> None:
    """Until SIGTERM or Ctrl-C. A second one leaves begun runs at their next step."""
    told = threading.Event()

    def tell(*_: object) -> None:
        if told.is_set():
            here.hand_over()
        told.set()

    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, tell)
    # In turns: a signal that the system hands to another thread is heard only when this one runs again.
    while not told.wait(HEED):
        pass
    output.note("Going: nothing new is taken, and what was begun is brought to an end.")
