"""The `rejects` commands: rows that could not be read exactly."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from bucketlift.cli import output, progress, streams
from bucketlift.cli.commands import notices
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.errors import BucketliftError
    from bucketlift.model.mending import Unfit
    from bucketlift.service.core.app import App
    from bucketlift.service.runs.replays import Plan, Replayed

BOM = "\ufeff"
"""The byte order mark, by which spreadsheets recognise UTF-8. It is written only to files with non-ASCII
characters.
"""


class Form(StrEnum):
    CSV = "csv"
    JSON = "json"


group = typer.Typer(help="Show, export and reload rows that could not be read exactly.")


@group.command("list")
def list_(file: str) -> None:
    """List a file's rejects without cell contents: position, reason, and whether they are mended."""
    from bucketlift.service.files import rejects

    with installation() as app:
        if output.is_json():
            output.document({"file": file, "rejects": list(rejects.shown(app, file))})
            return
        claim, found = app.ledger.claims.get(file), list(rejects.find(app, file))
    refused = any(each.reject.load_task for each in found)
    output.table(
        ["line", "offset", "reason", "field", "bytes", "mended in", *["load", "message"] * refused],
        [
            [
                each.reject.line,
                each.reject.offset,
                str(each.reject.reason),
                each.reject.field,
                len(each.reject.raw),
                each.mended_in and f"replay {each.mended_in}",
                *[each.reject.load_task, each.reject.message] * refused,
            ]
            for each in found
        ],
        empty="This file has no rejects.",
    )
    if claim.rejects > len(found):
        output.text(
            f"The first {len(found):,} of {claim.rejects:,} are shown; `rejects export` writes all rejects."
        )


@group.command()
def export(
    file: str,
    to: Annotated[Path | None, typer.Option("--to", help="The file to write. The default is stdout.")] = None,
    form: Annotated[
        Form,
        typer.Option("--format", help="csv for spreadsheets, or json for JSON lines with the exact bytes."),
    ] = Form.CSV,
) -> int:
    """Export the rejects that are not mended yet, with their cells and their original text.

    Rejects of a held file beyond the first 1,000 are read again from its object.
    """
    from bucketlift.service.files import rejects

    with installation() as app:
        if output.is_json() and to is None:
            with rejects.export(app, file, as_json=True) as found:
                listed = [json.loads(line) | {"mended_in": None} for line in found.lines]
            output.document({"file": file, "rejects": listed, "complete": found.gap is None})
            return 0 if found.gap is None else _incomplete(found.gap, len(listed))
        _require_writable(to)
        with rejects.export(app, file, as_json=form is Form.JSON) as found:
            written = _write(found.lines, to, mark=form is Form.CSV) - (form is Form.CSV)
        if output.is_json():
            output.document({"file": file, "to": str(to), "written": written, "complete": found.gap is None})
        elif to is not None:
            output.note(f"{_many(written, 'reject')} written to {to}")
        return 0 if found.gap is None else _incomplete(found.gap, written)


def _require_writable(to: Path | None) -> None:
    """Check that the target file can be written, before a large file is read again."""
    from bucketlift.errors import RequestWrong

    if to is not None and to.is_dir():
        raise RequestWrong("--to is a folder", to=str(to), hint="Give the name of the file to write.")
    if to is not None and not to.parent.is_dir():
        raise RequestWrong(
            "The folder does not exist",
            to=str(to.parent),
            hint="Create the folder, or write the file elsewhere.",
        )


def _incomplete(gap: BucketliftError, written: int) -> int:
    output.note(f"Only the first {_many(written, 'reject')} are available. {gap}")
    return 1


def _write(lines: Iterable[str], to: Path | None, *, mark: bool) -> int:
    """Write all lines, or none if an error occurs while they are read. Returns their number."""
    from bucketlift.errors import RequestWrong

    with tempfile.TemporaryFile("w+", encoding="utf-8", newline="") as whole:
        count, plain = 0, True
        for line in lines:
            whole.write(line)
            count, plain = count + 1, plain and line.isascii()
        whole.seek(0)
        if to is None:
            output.file(whole)
            return count
        try:
            with to.open("w", encoding="utf-8", newline="") as file:
                _copy(whole, file, mark=mark and not plain)
        except OSError as error:
            raise RequestWrong(f"The file cannot be written ({error.strerror})", to=str(to)) from None
    return count


def _copy(whole: TextIO, to: TextIO, *, mark: bool) -> None:
    to.write(BOM if mark else "")
    shutil.copyfileobj(whole, to)


@group.command()
def replay(
    file: str,
    mended: Annotated[
        Path, typer.Argument(help="The export with mended rows (corrected cells); rows may be removed.")
    ],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check whether the rows fit; write nothing.")
    ] = False,
    partial: Annotated[
        bool, typer.Option("--partial", help="Load the rows that fit; the others stay rejects.")
    ] = False,
) -> int:
    """Load mended rejects with the lineage of their file; rows loaded before are skipped."""
    from bucketlift.service.runs import replays

    with installation() as app:
        if dry_run:
            return _show_plan(replays.plan(app, file, mended))
        streams.keep_exit_code()
        try:
            with progress.shown() as report:
                done = replays.replay(app, file, mended, partial=partial, progress=report)
        except replays.Unfitting as error:
            if output.is_json():
                problem = {"what": error.what, "to": error.to, "hint": error.hint}
                output.document({"error": problem, "unfit": [_unfit(each) for each in error.unfit]})
                return 2
            _show_unfit(error.unfit)
            raise
        code = _show_replayed(app, done)
        if done.run is not None:
            notices.send_after_run(app)
        return code


def _show_plan(plan: Plan) -> int:
    if output.is_json():
        output.document({"dry_run": True, **_counts(plan)})
        return 0
    _show_unfit(plan.unfit)
    output.text(f"To be loaded: {_many(len(plan.rows), 'row')}{_changes(plan)}")
    _show_rest(plan)
    return 0


def _show_replayed(app: App, done: Replayed) -> int:
    from bucketlift.service.runs.replays import failure

    plan, why = done.plan, failure(app, done)
    if output.is_json():
        problem = why and {"what": why.what, "to": why.to, "hint": why.hint}
        output.document(_counts(plan) | _outcome(done) | ({"error": problem} if problem else {}))
        return 1 if why else 0
    _show_unfit(plan.unfit)
    for each in done.receipts:
        rows = f"{each.inserted:,} inserted, {each.updated:,} updated, {each.unchanged:,} unchanged"
        output.text(f"replay {done.part}: {output.safe(each.destination)}.{output.safe(each.table)}: {rows}")
    if not plan.rows:
        output.text("Nothing new to load.")
    elif done.run is None:
        output.text(
            f"Stored for the next run, and the file is accepted: {_many(len(plan.rows), 'row')}{_changes(plan)}"
        )
        output.text(
            f"  The next run loads the good rows of the file, then the mended rows: bucketlift run {plan.claim.workflow}"
        )
    elif why is None:
        output.text(f"Mended: {_many(len(plan.rows), 'row')}{_changes(plan)}")
    _show_rest(plan)
    if why is not None:
        output.error(why)
    return 1 if why else 0


def _changes(plan: Plan) -> str:
    changed = ", ".join(f"{output.safe(name)} in {rows:,}" for name, rows in plan.changed.items())
    return f" (changed: {changed})" if changed else ""


def _show_rest(plan: Plan) -> None:
    if plan.already_loaded:
        output.text(f"Already mended: {_many(plan.already_loaded, 'row')}")
    output.text(f"Not mended: {_many(plan.not_mended, 'reject')}")


def _many(count: int, word: str) -> str:
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def _show_unfit(unfit: Iterable[Unfit]) -> None:
    rows = [[each.line, each.reason, each.field] for each in unfit]
    if rows:
        output.table(["line", "does not fit", "field"], rows, empty="")


def _unfit(each: Unfit) -> dict[str, Any]:
    return {"line": each.line, "offset": each.offset, "reason": each.reason, "field": each.field}


def _counts(plan: Plan) -> dict[str, Any]:
    return {
        "file": plan.claim.id,
        "rows": len(plan.rows),
        "again": plan.already_loaded,
        "left": plan.not_mended,
        "changed": dict(plan.changed),
        "unfit": [_unfit(each) for each in plan.unfit],
    }


def _outcome(done: Replayed) -> dict[str, Any]:
    return {
        "replay": done.part,
        "state": done.replay and done.replay.state.value,
        "run": done.run and done.run.id,
        "receipts": [
            {
                "task": each.load_task,
                "load_id": each.load,
                "destination": each.destination,
                "table": each.table,
                "inserted": each.inserted,
                "updated": each.updated,
                "unchanged": each.unchanged,
            }
            for each in done.receipts
        ],
    }
