"""Plays the main job from beginning to end on an embedded S3 server."""

from __future__ import annotations

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bucketlift.bootstrap import open_app
from bucketlift.demo.cloud import deliver, grant, serving
from bucketlift.demo.deliveries import TABLES, deliveries
from bucketlift.demo.page import page
from bucketlift.demo.project import BUCKET, FILE, PROJECT, write_project
from bucketlift.demo.report import Report, look, workflows
from bucketlift.demo.report_output import Around, Scene, document, staying, words
from bucketlift.demo.suggestions import near, write_look
from bucketlift.errors import RequestWrong
from bucketlift.service.core.app import App
from bucketlift.service.projects import projects
from bucketlift.service.runs import runs
from bucketlift.settings import Settings, read_settings

if TYPE_CHECKING:
    from bucketlift.testing.s3server import S3Server

HEED = 0.5
"""Seconds after which Ctrl-C is heard, at most."""
USUAL_HOME = "bucketlift-demo"
Note = Callable[[str], None]


def play(home: Path | None, *, once: bool, as_json: bool = False, note: Note | None = None) -> int:
    """0 when what is expected came about, else 1. Stays until Ctrl-C unless ``once``.

    Raises:
        RequestWrong: the demo's libraries are missing, or the home is in use for something else.
    """
    settings = _settings(home)
    with played(settings, note or _unheard) as (scene, server):
        if once:
            _tell(scene, as_json=as_json)
        else:
            with page(settings) as at:
                _tell(scene, Around(page=at, environment=server.environment), as_json=as_json)
                _stay()
    return 1 if scene.problems else 0


@contextmanager
def played(settings: Settings, note: Note) -> Iterator[tuple[Scene, S3Server]]:
    """What came about, and the S3 server, which stays until the block ends."""
    folder = settings.home / "demo"
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with serving(folder) as server:
        note(f"Home {near(settings.home)}, embedded S3 server at {server.url}")
        fresh = not (folder / FILE).exists()
        if fresh:
            note(f"{deliver(server)} files put into s3://{BUCKET}")
            # Last, because it says that all files were delivered: those that are loaded must not come again.
            write_project(folder, account_id=server.account)
        yield _played(settings, server, note, fresh=fresh), server


def _settings(home: Path | None) -> Settings:
    settings = read_settings()
    if home is None and "home" not in settings.model_fields_set:
        home = Path(USUAL_HOME)
    return settings if home is None else settings.model_copy(update={"home": home.expanduser().absolute()})


def _played(settings: Settings, server: S3Server, note: Note, *, fresh: bool) -> Scene:
    folder = settings.home / "demo"
    with open_app(settings) as app:
        _apply(app, folder / FILE)
        grant(server, app)
        answers = _run(app, note)
        buckets = {bucket: server.objects(bucket) for bucket in server.buckets()}
        report = look(app, answers, buckets)
    return Scene(
        home=settings.home,
        file=folder / FILE,
        script=write_look(folder, report.tables[0].path),
        report=report,
        problems=tuple(_problems(report, fresh=fresh)),
    )


def _apply(app: App, file: Path) -> None:
    """Apply the demo's file, unless that would take over something that is not the demo's.

    Raises:
        RequestWrong: the home has an account, destination or workflow of the same name.
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
            "This home has things of its own by names that the demo uses",
            to=", ".join(taken),
            hint="Name another home: bucketlift demo --home DIR",
        )
    projects.apply(app, planned, prune=False)


def _run(app: App, note: Note) -> list[dict[str, Any]]:
    """Run every workflow; the answers of all runs that ended, those that an earlier demo left unfinished too."""
    began = app.now()
    for flow in workflows(app):
        note(f"Running {flow.key}")
        runs.start(app, flow.key)
    ended = (run for flow in workflows(app) for run in reversed(app.ledger.runs.find(workflow=flow.key)))
    return [runs.shown(run) for run in ended if run.finished_at is not None and run.finished_at >= began]


def _problems(report: Report, *, fresh: bool) -> Iterator[str]:
    """How the outcome differs from what is expected; in a home that was played before, people may have had a hand in it."""
    for run in report.runs:
        if run["state"] != "succeeded":
            said = run.get("error", {})
            yield f"run of {run['workflow']}: {run['state']} {said.get('what', '')} {said.get('to', '')}".strip()
    if not fresh:
        return
    yield from _differences("table", TABLES, {each.name: each.rows for each in report.tables})
    expected = {each.key: each.becomes.value for each in deliveries()}
    yield from _differences(
        "object", expected, {each.claim.source.key: each.became.value for each in report.files}
    )


def _differences(kind: str, expected: Mapping[str, object], found: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(expected.keys() | found.keys()):
        wanted, is_now = expected.get(name), found.get(name)
        if wanted != is_now:
            yield f"{kind} {name}: expected {wanted}, found {is_now}"


def _tell(scene: Scene, around: Around | None = None, *, as_json: bool) -> None:
    if as_json:
        _say(json.dumps(document(scene, around), indent=2, ensure_ascii=False) + "\n")
        return
    _say(words(scene))
    if around is not None:
        _say("\n" + staying(around, scene.home))


def _stay() -> None:
    """Until Ctrl-C or SIGTERM, also where the shell that began this ignores them, as it does for what is behind a ``&``.

    In turns: a signal that the system hands to another thread is heard only when this one runs again.
    """
    told = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: told.set())
    while not told.wait(HEED):
        pass


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def _unheard(text: str) -> None:
    """Nobody looks."""
