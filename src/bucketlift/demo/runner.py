"""Runs the demo's workflows on an embedded S3 server, and compares the outcome with the expected one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bucketlift.bootstrap import open_app
from bucketlift.demo.cloud import deliver, grant, serving
from bucketlift.demo.deliveries import TABLES, deliveries
from bucketlift.demo.project import BUCKET, FILE, PROJECT, write_project
from bucketlift.demo.report import Report, report_on, workflows
from bucketlift.demo.suggestions import query_command, short_path, write_query_script
from bucketlift.errors import RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.projects import projects
from bucketlift.service.runs import runs
from bucketlift.settings import Settings, read_settings

if TYPE_CHECKING:
    from bucketlift.testing.s3server import S3Server

DEFAULT_HOME = "bucketlift-demo"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    home: Path
    file: Path
    """The path of the workflow file."""
    query_command: str
    report: Report
    problems: Sequence[str]
    """The differences from the expected outcome, one sentence for each."""


@contextmanager
def running(settings: Settings, note: Callable[[str], None]) -> Iterator[tuple[DemoResult, S3Server]]:
    """Run the workflows, and keep the S3 server running until the block ends.

    Raises:
        RequestWrong: the demo's libraries are missing, or the home is used for something else.
    """
    folder = settings.home / "demo"
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with serving(folder) as server:
        note(f"Home {short_path(settings.home)}, embedded S3 server at {server.url}")
        fresh = not (folder / FILE).exists()
        if fresh:
            note(f"Put {deliver(server)} files into s3://{BUCKET}")
            # Written last: the workflow file marks that all files were delivered, so that they are not put again.
            write_project(folder, account_id=server.account)
        yield _run_all(settings, server, note, fresh=fresh), server


def demo_settings(home: Path | None) -> Settings:
    """Read the settings from the environment. ``home`` replaces BUCKETLIFT_HOME."""
    settings = read_settings()
    if home is None and "home" not in settings.model_fields_set:
        home = Path(DEFAULT_HOME)
    return settings if home is None else settings.model_copy(update={"home": home.expanduser().absolute()})


def _run_all(settings: Settings, server: S3Server, note: Callable[[str], None], *, fresh: bool) -> DemoResult:
    folder = settings.home / "demo"
    with open_app(settings) as app:
        _apply(app, folder / FILE)
        grant(server, app)
        answers = _run(app, note)
        buckets = {bucket: server.objects(bucket) for bucket in server.buckets()}
        report = report_on(app, answers, buckets)
    script = write_query_script(folder, report.tables[0].path)
    return DemoResult(
        home=settings.home,
        file=folder / FILE,
        query_command=query_command(script, f"from {report.tables[0].name} limit 5"),
        report=report,
        problems=tuple(_problems(report, fresh=fresh)),
    )


def _apply(app: App, file: Path) -> None:
    """Apply the demo's workflow file.

    Raises:
        RequestWrong: the home has another project's account, destination or workflow of the same name.
    """
    planned = projects.plan(app, [file])
    known = {
        **{each.name: each.project for each in app.ledger.catalog.accounts().values()},
        **{each.name: each.project for each in app.ledger.catalog.destinations().values()},
        **{each.key: each.project for each in app.ledger.catalog.all()},
    }
    taken = [each.name for each in planned.changes if known.get(each.name, PROJECT) != PROJECT]
    if taken:
        raise RequestWrong(
            "This home already has accounts, destinations or workflows with the demo's names",
            to=", ".join(taken),
            hint="Use another home: bucketlift demo --home DIR",
        )
    projects.apply(app, planned, prune=False)


def _run(app: App, note: Callable[[str], None]) -> list[dict[str, Any]]:
    """Run every workflow. Returns all runs that ended, including those that an earlier demo left unfinished."""
    started_at = app.now()
    for flow in workflows(app):
        note(f"Running {flow.key}")
        runs.start(app, flow.key)
    ended = (run for flow in workflows(app) for run in reversed(app.ledger.runs.find(workflow=flow.key)))
    return [runs.shown(run) for run in ended if run.finished_at is not None and run.finished_at >= started_at]


def _problems(report: Report, *, fresh: bool) -> Iterator[str]:
    """Yield the differences from the expected outcome. If the home is not new, yield only failed runs,
    because people may have changed the other results.
    """
    for run in report.runs:
        if run["state"] != "succeeded":
            error = run.get("error", {})
            yield f"run of {run['workflow']}: {run['state']} {error.get('what', '')} {error.get('to', '')}".strip()
    if not fresh:
        return
    yield from _differences("table", TABLES, {each.name: each.rows for each in report.tables})
    expected = {each.key: each.expected.value for each in deliveries()}
    yield from _differences(
        "object", expected, {each.claim.source.key: each.outcome.value for each in report.objects}
    )


def _differences(kind: str, expected: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"{kind} {name}: expected {expected.get(name)}, found {found.get(name)}"
