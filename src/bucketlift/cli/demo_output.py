"""Output of the `demo` command: a report for people, or one JSON document."""

from __future__ import annotations

from shlex import quote
from typing import TYPE_CHECKING, Any

from bucketlift.cli import output
from bucketlift.demo.object_outcome import Outcome
from bucketlift.demo.project import DIRECTORY
from bucketlift.demo.report import COUNTS, ObjectReport, Report
from bucketlift.demo.suggestions import bucketlift, short_path
from bucketlift.rules.document import file_outcome

if TYPE_CHECKING:
    from bucketlift.demo.page import Page
    from bucketlift.demo.runner import DemoResult

_OUTCOMES = {
    Outcome.DELETED: "deleted after its load",
    Outcome.MOVED: "moved to {moved_to}",
    Outcome.RENAMED: "renamed to {moved_to}",
    Outcome.KEPT: "loaded and kept",
    Outcome.HELD: "still there, because it is held ({reason})",
    Outcome.LEFT: "still there ({state}: {what})",
    Outcome.REPLACED: "other bytes are under its key now",
    Outcome.GONE: "no longer there ({state})",
    Outcome.COPY_MISSING: "loaded, but its copy {moved_to} is missing",
}


def show(result: DemoResult, page: Page | None, environment: dict[str, str]) -> None:
    """Print the result. If the demo ends now, ``page`` is None and ``environment`` is empty."""
    if output.is_json():
        output.document(_document(result, page, environment))
    else:
        _show_report(result)
        if page is not None:
            _show_running(result, page, environment)
    output.flush()


def _document(result: DemoResult, page: Page | None, environment: dict[str, str]) -> dict[str, Any]:
    report = result.report
    return {
        "format": 1,
        "home": str(result.home),
        "file": str(result.file),
        "nothing_new": report.nothing_new,
        "as_expected": not result.problems,
        "problems": list(result.problems),
        "runs": [{key: run[key] for key in ("run", "workflow", "state", "tasks")} for run in report.runs],
        "tables": [
            {"workflow": each.workflow, "table": each.name, "path": str(each.path), "rows": each.rows}
            | each.counts
            for each in report.tables
        ],
        "files": [
            file_outcome(each.claim) | {"workflow": each.claim.workflow, "became": each.outcome.value}
            for each in report.objects
        ],
        "page": page
        and {
            "address": page.address,
            "sign_in": page.sign_in,
            "name": page.name,
            "password": page.password,
        },
        "environment": environment,
        "look": result.query_command,
    }


def _show_report(result: DemoResult) -> None:
    report = result.report
    output.text("Loaded: no new files" if report.nothing_new else "Loaded")
    output.table(
        ["table", "rows", "mode", *COUNTS],
        [[each.name, each.rows, each.mode, *each.counts.values()] for each in report.tables],
        empty="No table.",
    )
    _show_held(result)
    _show_rejects(result)
    _show_objects(report)
    output.text("\nNext")
    output.text(f"  query the tables:  {result.query_command}")
    output.text(
        f"  list the people:   {_command(result, 'directory', 'contacts', 'list', '--to', DIRECTORY)}"
    )
    output.text(f"  list the files:    {_command(result, 'files', 'list')}")
    output.text(f"  the workflow file: {short_path(result.file)}")
    if result.problems:
        output.text("\nNOT AS EXPECTED")
    for problem in result.problems:
        output.text(f"  {output.safe(problem)}")


def _show_held(result: DemoResult) -> None:
    if result.report.held:
        output.text("\nHeld: these files need a decision, and are unchanged in the bucket")
    for each in result.report.held:
        claim = each.claim
        output.text(f"{output.safe(claim.source.key)} ({claim.reason}): {output.safe(claim.what)}")
        output.text(f"  {output.safe(claim.hint)}")
        if claim.rejected:
            output.text(f"  its bad rows: {_command(result, 'rejects', 'list', claim.id)}")
        output.text(f"  to ignore it: {_command(result, 'files', 'ignore', claim.id)}")


def _show_rejects(result: DemoResult) -> None:
    if result.report.with_rejects:
        output.text("\nRejected rows of loaded files: kept with their exact bytes")
    for each in result.report.with_rejects:
        claim = each.claim
        total = claim.rows + claim.rejected
        output.text(f"{output.safe(claim.source.key)}: {claim.rejected} of {total} rows")
        output.text(f"  {_command(result, 'rejects', 'export', claim.id)}")


def _show_objects(report: Report) -> None:
    buckets = sorted({each.claim.source.bucket for each in report.objects})
    output.text(f"\nOutcome of each object in {', '.join(f's3://{bucket}' for bucket in buckets)}")
    rows = [[each.claim.source.key, _outcome(each)] for each in report.objects]
    output.table(["key", "outcome"], rows, empty="No object.", whole=("key",))


def _outcome(each: ObjectReport) -> str:
    claim = each.claim
    return _OUTCOMES[each.outcome].format(
        moved_to=claim.moved_to, reason=claim.reason, state=claim.state.value, what=claim.what or "no reason"
    )


def _show_running(result: DemoResult, page: Page, environment: dict[str, str]) -> None:
    output.text("\nIn another terminal:")
    for name, value in (environment | {"BUCKETLIFT_HOME": str(result.home)}).items():
        output.text(f"  export {name}={quote(value)}")
    output.text(f"  {bucketlift()} run surveys --dry-run\n  {bucketlift()} files list --attention")
    output.text(f"\nThe page, until Ctrl-C: {page.address}")
    output.text(f"The people in the directory: {page.address}directory/{DIRECTORY}")
    if page.password is not None:
        output.text(f"Sign in as {page.name} with the password {page.password}, as often as you like.")
    output.text(f"Or with this link, which works once:\n  {page.sign_in}")


def _command(result: DemoResult, *words: str) -> str:
    return f"BUCKETLIFT_HOME={quote(short_path(result.home))} {bucketlift()} {' '.join(words)}"
