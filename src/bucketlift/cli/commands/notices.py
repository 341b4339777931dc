"""notices: who was told what, and whether it arrived."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.service.core.app import App

group = typer.Typer(help="Who was told what, by e-mail and webhook.")


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Of this workflow only.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many, the newest first.")] = 50,
) -> None:
    """List notices, the newest first: what waits says why."""
    from bucketlift.service.ops import notices

    with installation() as app:
        found = [notices.shown(each) for each in app.notices.find(workflow=workflow, limit=limit)]
    if output.is_json():
        output.document({"notices": found})
        return
    columns = ["id", "workflow", "occasion", "to", "state", "tries", "note"]
    output.table(
        columns,
        [[each[column] for column in columns] for each in found],
        empty="No notice yet. A workflow's `notify` says whom to tell about what.",
    )


@group.command()
def send() -> None:
    """Send what is due now. A standing `serve` does so by itself."""
    from bucketlift.service.ops import notices

    with installation() as app:
        sent = notices.deliver(app)
    if output.is_json():
        output.document({"sent": sent})
        return
    output.text(f"{sent} sent. `bucketlift notices list` tells what waits.")


@group.command()
def test(workflow: Annotated[str, typer.Argument(help="The workflow's key.")]) -> int:
    """Send a test notice to everybody whom a workflow tells, and say what happened."""
    from bucketlift.service.ops import notices

    with installation() as app:
        told = notices.test(app, workflow)
    if output.is_json():
        output.document({"workflow": workflow, "notices": told})
    else:
        for each in told:
            output.text(f"{output.safe(each['to'])}: {output.safe(_outcome(each))}")
    return 0 if all(each["sent"] for each in told) else 1


def _outcome(told: dict[str, Any]) -> str:
    if told["sent"]:
        return "sent"
    error = told["error"]
    what = f"{error['what']}: {error['to']}" if error["to"] else error["what"]
    return f"not sent. {what}. {error['hint']}"


def tell(app: App) -> None:
    """What a run ends with: notices are sent where some wait. It has its time, and its failures are its own."""
    from bucketlift.service.ops.notices import WITHIN

    sys.stdout.flush()
    # A thread, because looking a server's name up cannot be cut short.
    thread = threading.Thread(target=_tell, args=(app,), daemon=True, name="notices")
    thread.start()
    thread.join(WITHIN.total_seconds())


def _tell(app: App) -> None:
    from bucketlift.service.ops import notices

    try:
        notices.deliver(app)
    except Exception as error:  # noqa: BLE001 - the run is over, and its answer and exit code stand
        output.note(f"Notices were not sent ({type(error).__name__}): bucketlift notices list")
