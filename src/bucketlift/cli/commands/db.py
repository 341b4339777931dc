"""The `db` commands: migrations, backups and status of the ledger."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.service.core.app import App
    from bucketlift.service.ops.database import UnknownReceipts

group = typer.Typer(help="Manage the ledger: migrations, backups, and the pause after a restore.")


@group.command()
def upgrade() -> None:
    """Migrate the ledger to the newest revision; other commands do this too if needed."""
    from bucketlift.bootstrap import revision
    from bucketlift.ledger.migrations import HEAD
    from bucketlift.settings import read_settings

    before = revision(read_settings())
    with installation(any_key=True) as app:
        name = app.ledger.database.name
    if output.is_json():
        output.document({"ledger": name, "from": before, "to": HEAD})
    elif before == HEAD:
        output.text(f"{name} is up to date: revision {HEAD}.")
    else:
        output.text(f"{name}: from {before or 'nothing'} to revision {HEAD}.")


@group.command()
def backup(file: Path) -> None:
    """Back up the whole ledger, without the key file, to a new file; runs can continue."""
    from bucketlift.rules.document import time_text
    from bucketlift.service.ops import database

    with installation(any_key=True) as app:
        label = database.back_up(app, file)
        has_secrets = bool(app.vault.names())
    if output.is_json():
        output.document(
            {
                "file": str(file),
                "revision": label.revision,
                "installation": label.installation,
                "made_at": time_text(label.made_at),
                "rows": dict(label.rows),
            }
        )
        return
    output.text(f"{file}: {sum(label.rows.values())} rows of {len(label.rows)} tables.")
    if has_secrets:
        output.text(
            "The backup contains the encrypted secrets, but not the key file. Keep the key file too, in another place."
        )


@group.command()
def restore(
    file: Path,
    yes: Annotated[bool, typer.Option("--yes", help="Replace the ledger without a prompt.")] = False,
) -> None:
    """Replace the ledger, in SQLite or PostgreSQL, with a backup; no other process may be running.

    The outbox is paused until it is known that no load was lost, or until `db confirm`.
    """
    from bucketlift.rules.document import time_text
    from bucketlift.service.ops import database

    with installation(any_key=True) as app:
        label = database.inspect(app, file)
        if not yes and database.is_in_use(app):
            _confirm_restore(app, f"the backup of {time_text(label.made_at)}")
        done = database.restore(app, file)
    if done.key is not None:
        output.note(f"The key file cannot decrypt the secrets of the backup: {done.key}")
    if output.is_json():
        output.document(
            {
                "file": str(file),
                "installation": done.label.installation,
                "made_at": time_text(done.label.made_at),
                "paused": done.paused,
                "key_fits": done.key is None,
            }
        )
    else:
        output.text(f"The ledger is restored to its state at {time_text(done.label.made_at)}.")
        if done.paused:
            output.text(
                "The outbox is paused: later loads may be missing in the ledger. `bucketlift db status` lists them; "
                "`bucketlift db confirm` resumes the outbox."
            )


@group.command()
def status() -> None:
    """Show whether the outbox is paused, and which loads of destinations are missing in the ledger."""
    from bucketlift.rules.document import time_text
    from bucketlift.service.ops import database

    with installation(any_key=True) as app:
        found = database.status(app)
    pause = found.pause
    if output.is_json():
        output.document(
            {
                "ledger": found.ledger,
                "revision": found.revision,
                "installation": found.installation,
                "paused": pause
                and {"what": pause.what, "paused_at": time_text(pause.paused_at), "hint": pause.hint},
                "destinations": [_destination(each) for each in found.destinations],
            }
        )
        return
    output.details(
        [("ledger", found.ledger), ("revision", found.revision), ("installation", found.installation)]
    )
    output.text(
        f"The outbox is paused: {pause.what}\n  {pause.hint}" if pause else "The outbox is not paused."
    )
    _table(found.destinations)


@group.command()
def confirm() -> None:
    """Resume the outbox after a pause, once you know which loads the ledger lost."""
    from bucketlift.service.ops import database

    with installation() as app:
        pause, unknown = database.confirm(app)
    if output.is_json():
        output.document({"confirmed": pause.what, "destinations": [_destination(each) for each in unknown]})
        return
    output.text(f"The outbox is resumed. It was paused: {pause.what}")
    _table(unknown)


@group.command()
def trim(
    days: Annotated[int, typer.Option(help="Delete finished runs and sent notices older than this.")],
) -> None:
    """Delete old history from the ledger, except what files, receipts and pending actions refer to."""
    from bucketlift.service.ops.trimming import trim as service

    with installation(any_key=True) as app:
        done = service(app, days)
    if output.is_json():
        output.document({"runs": done.runs, "emptied": done.emptied, "notices": done.notices})
        return
    output.text(
        f"Deleted: {done.runs:,} runs, the logs and lists of {done.emptied:,} kept runs, {done.notices:,} notices."
    )


def _destination(unknown: UnknownReceipts) -> dict[str, Any]:
    from bucketlift.rules.document import time_text

    document: dict[str, Any] = {
        "destination": unknown.destination,
        "since": time_text(unknown.since),
        "unknown": None if unknown.error else len(unknown.lost),
        "loads": [
            {"load_id": each.load, "table": each.table, "committed_at": time_text(each.committed_at)}
            for each in unknown.lost[:100]
        ],
    }
    if unknown.error:
        document["error"] = {"what": unknown.error.what, "to": unknown.error.to, "hint": unknown.error.hint}
    return document


def _table(unknown: tuple[UnknownReceipts, ...]) -> None:
    rows = []
    for each in unknown:
        tables = ", ".join(sorted({receipt.table for receipt in each.lost}))
        rows.append(
            [
                each.destination,
                "?" if each.error else len(each.lost),
                tables,
                each.error.what if each.error else "",
            ]
        )
    output.table(
        ["destination", "loads unknown to the ledger", "tables", "problem"], rows, empty="No destination."
    )


def _confirm_restore(app: App, by: str) -> None:
    from bucketlift.errors import RequestWrong

    if not sys.stdin.isatty():
        raise RequestWrong(
            f"This would replace the whole ledger with {by}, and there is no terminal to confirm it",
            to=app.ledger.database.name,
            hint="Add --yes.",
        )
    if not typer.confirm(f"Replace the whole ledger {app.ledger.database.name} with {by}?", err=True):
        raise typer.Abort
