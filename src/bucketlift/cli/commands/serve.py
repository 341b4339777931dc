"""The `serve` and `worker` commands: processes that run until they are stopped."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation
from bucketlift.cli.signals import wait_for_stop

if TYPE_CHECKING:
    from bucketlift.service.ops.serving import Serving

Host = Annotated[str, typer.Option(help="The address to listen on.")]


def add_to(tree: typer.Typer) -> None:
    tree.command("serve")(serve)
    tree.command("worker")(worker)


def serve(
    host: Host = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port of the page; 0 selects a free port.")] = 8484,
    tls_cert: Annotated[
        Path | None, typer.Option(help="The certificate for HTTPS, as PEM; needs --tls-key.")
    ] = None,
    tls_key: Annotated[
        Path | None, typer.Option(help="The certificate's private key, as PEM without a passphrase.")
    ] = None,
    insecure_http: Annotated[
        bool, typer.Option("--insecure-http", help="Allow connections from other machines without TLS.")
    ] = False,
) -> None:
    """Serve the page, run workflows on schedule, send notices, and report health and metrics."""
    from bucketlift.api.health import health_app
    from bucketlift.api.listening import listening
    from bucketlift.cli.exposure import names_of, require_private, tls_of
    from bucketlift.model.worker import WorkerKind
    from bucketlift.service.ops.serving import serving
    from bucketlift.settings import read_settings
    from bucketlift.web.app import add_page

    settings, tls = read_settings(), tls_of(tls_cert, tls_key)
    require_private(host, tls=tls is not None, proxy=settings.trusted_proxy, insecure=insecure_http)
    with installation() as app, ExitStack() as open_here, serving(app, WorkerKind.SERVE) as here:
        server = health_app(here)
        add_page(server, app, hosts=names_of(host, app.public_url))
        address = open_here.enter_context(
            listening(server, host, port, tls=tls, trusted_proxy=settings.trusted_proxy)
        )
        _print_page(here, address)
        _wait_for_stop(here)


def worker(
    host: Host = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option(help="The port for health and metrics. By default they are not served.")
    ] = None,
) -> None:
    """Run workflows in a process in addition to `serve`, on this or another machine."""
    from bucketlift.model.worker import WorkerKind
    from bucketlift.service.ops.serving import serving

    with installation() as app, ExitStack() as open_here, serving(app, WorkerKind.WORKER) as here:
        address = None
        if port is not None:
            from bucketlift.api.health import health_app
            from bucketlift.api.listening import listening

            address = open_here.enter_context(listening(health_app(here), host, port))
        at = "" if address is None else f", {address}/health/ready, {address}/metrics"
        _print(here, {"address": address}, f"Running as {here.engine.presence.name}{at}.")
        _wait_for_stop(here)


def _print_page(here: Serving, address: str) -> None:
    from bucketlift.service.people import people

    page = here.app.public_url or address
    set_up = (
        None if people.is_set_up(here.app) else f"{page}/set-up?token={people.new_set_up_token(here.app)}"
    )
    lines = [f"Running as {here.engine.presence.name}.", f"The page: {page}/"]
    if set_up is not None:
        lines += [
            "No user exists yet. Create the first administrator with this one-time link:",
            f"  {set_up}",
        ]
    lines.append(f"Health and metrics: {address}/health/ready, {address}/metrics")
    _print(here, {"address": address, "page": f"{page}/", "set_up": set_up}, "\n".join(lines))


def _print(here: Serving, more: dict[str, Any], words: str) -> None:
    if output.is_json():
        presence = here.engine.presence
        output.document({"worker": presence.id, "name": presence.name, **more})
    else:
        output.text(f"{words}\nStop it with Ctrl-C or SIGTERM.")
    output.flush()


def _wait_for_stop(here: Serving) -> None:
    """Wait for the signal to stop. At a second signal, other workers take over the running runs at their next
    step.

    Raises:
        LedgerUpgraded: a newer version has migrated the ledger.
    """
    presence = here.engine.presence
    wait_for_stop(again=here.hand_over, ended=lambda: presence.refused is not None)
    if presence.refused is not None:
        raise presence.refused
    output.note("Stopping: no new runs are started, and running ones are finished.")
