"""serve, worker: processes that stand by."""

from __future__ import annotations

import signal
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.service.ops.serving import Serving

HEED = 0.5
"""Seconds after which a signal is heard, at most."""

Host = Annotated[str, typer.Option(help="The address to listen on.")]


def add_to(tree: typer.Typer) -> None:
    tree.command("serve")(serve)
    tree.command("worker")(worker)


def serve(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port of the page; 0: a free one.")] = 8484,
    tls_cert: Annotated[
        Path | None, typer.Option(help="Certificate in PEM, for HTTPS; with --tls-key.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="Its key in PEM, without a passphrase.")] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Listen beyond this machine without TLS.")
    ] = False,
) -> None:
    """The page, and what stands behind it: schedules, runs, notices, health and figures."""
    from bucketlift.api.health import health_app
    from bucketlift.api.listening import listening
    from bucketlift.cli.exposure import names_of, require_private, tls_of
    from bucketlift.model.worker import WorkerKind
    from bucketlift.service.ops.serving import serving
    from bucketlift.settings import read_settings
    from bucketlift.web.app import add_page

    settings, tls = read_settings(), tls_of(tls_cert, tls_key)
    require_private(host, tls=tls is not None, proxy=settings.trusted_proxy, told=insecure_http)
    with installation() as app, ExitStack() as open_here, serving(app, WorkerKind.SERVE) as here:
        server = health_app(here)
        add_page(server, app, hosts=names_of(host, app.public_url))
        address = open_here.enter_context(
            listening(server, host, port, tls=tls, trusted_proxy=settings.trusted_proxy)
        )
        _say_page(here, address)
        _wait(here)


def worker(
    host: Host = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="Port of health and metrics addresses; without it, none.")
    ] = None,
) -> None:
    """Work beside `serve`: one more process, here or on another machine of a fleet."""
    from bucketlift.model.worker import WorkerKind
    from bucketlift.service.ops.serving import serving

    with installation() as app, ExitStack() as open_here, serving(app, WorkerKind.WORKER) as here:
        address = None
        if port is not None:
            from bucketlift.api.health import health_app
            from bucketlift.api.listening import listening

            address = open_here.enter_context(listening(health_app(here), host, port))
        at = "" if address is None else f", {address}/health/ready, {address}/metrics"
        _say(here, {"address": address}, f"At work as {here.engine.presence.name}{at}.")
        _wait(here)


def _say_page(here: Serving, address: str) -> None:
    from bucketlift.service.people import people

    page = here.app.public_url or address
    set_up = None if people.is_set_up(here.app) else f"{page}/set-up?token={people.let_set_up(here.app)}"
    lines = [f"At work as {here.engine.presence.name}.", f"The page: {page}/"]
    if set_up is not None:
        lines += ["Nobody can sign in yet. Make the first administrator, once, at:", f"  {set_up}"]
    lines.append(f"Health and figures: {address}/health/ready, {address}/metrics")
    _say(here, {"address": address, "page": f"{page}/", "set_up": set_up}, "\n".join(lines))


def _say(here: Serving, more: dict[str, Any], words: str) -> None:
    if output.is_json():
        presence = here.engine.presence
        output.document({"worker": presence.id, "name": presence.name, **more})
    else:
        output.text(f"{words}\nCtrl-C or SIGTERM ends it in order.")
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
