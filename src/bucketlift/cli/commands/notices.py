"""The `notices` commands: e-mails and webhook calls about runs, and their delivery."""

from __future__ import annotations

import sys
import threading
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.service.core.app import App

group = typer.Typer(help="Show and send notices by e-mail and webhook.")


@group.command("list")
def list_(
    workflow: Annotated[str | None, typer.Option(help="Only notices of this workflow.")] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="The maximum number of notices.")] = 50,
) -> None:
    """List notices, the newest first. For a notice that is not sent, show the reason."""
    from bucketlift.service.ops import notices

    with installation() as app:
        found = [notices.shown(each) for each in app.ledger.notices.find(workflow=workflow, limit=limit)]
    if output.is_json():
        output.document({"notices": found})
        return
    columns = ["id", "workflow", "occasion", "to", "state", "tries", "note"]
    output.table(
        columns,
        [[each[column] for column in columns] for each in found],
        empty="No notice yet. A workflow's `notify` sets the recipients and occasions.",
    )


@group.command()
def send() -> None:
    """Send the notices that are due now; a running `serve` does this automatically."""
    from bucketlift.service.ops import notices

    with installation() as app:
        sent = notices.deliver(app)
    if output.is_json():
        output.document({"sent": sent})
        return
    output.text(f"{sent} sent. To list waiting notices: bucketlift notices list")


@group.command()
def test(workflow: Annotated[str, typer.Argument(help="The workflow's key.")]) -> int:
    """Send a test notice to all recipients of a workflow, and show the results."""
    from bucketlift.service.ops import notices

    with installation() as app:
        sent = notices.test(app, workflow)
    if output.is_json():
        output.document({"workflow": workflow, "notices": sent})
    else:
        for each in sent:
            output.text(f"{output.safe(each['to'])}: {output.safe(_outcome(each))}")
    return 0 if all(each["sent"] for each in sent) else 1


def _outcome(notice: dict[str, Any]) -> str:
    if notice["sent"]:
        return "sent"
    error = notice["error"]
    what = f"{error['what']}: {error['to']}" if error["to"] else error["what"]
    return f"not sent. {what}. {error['hint']}"


def send_after_run(app: App) -> None:
    """Send waiting notices after a run, within a time limit. A failure does not change the run's exit code."""
    from bucketlift.service.ops.notices import WITHIN

    sys.stdout.flush()
    # A thread, because a DNS lookup cannot be interrupted.
    thread = threading.Thread(target=_deliver, args=(app,), daemon=True, name="notices")
    thread.start()
    thread.join(WITHIN.total_seconds())


def _deliver(app: App) -> None:
    from bucketlift.service.ops import notices

    try:
        notices.deliver(app)
    except Exception as error:  # noqa: BLE001 - the run is over, and its result and exit code are final
        output.note(f"Notices were not sent ({type(error).__name__}): bucketlift notices list")
