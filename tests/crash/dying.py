"""Runs workflows in forked processes that kill themselves at one named point; reads its orders line by line.

An order is a JSON line: the environment, the workflow, and where to die (``at``: the n-th effect, counted from
1; ``after`` it rather than before). Every answer is a JSON line: the signal or exit code, and the points passed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import botocore_names
from bucketlift.bootstrap import Connections, open_app
from bucketlift.codecs import entries, pgp, unpack
from bucketlift.engine import drive
from bucketlift.engine.context import run_context, spool
from bucketlift.engine.worker import engine, processes
from bucketlift.ledger import ledger
from bucketlift.ledger.db import json_codec, sqlite
from bucketlift.loaders import duckdb as duckdb_loader
from bucketlift.model.account import AccountSettings, DestinationSettings
from bucketlift.model.workflow import AfterImport, Workflow
from bucketlift.objects.places import folder
from bucketlift.objects.places.bucket import BucketPlace
from bucketlift.objects.places.folder import FolderPlace
from bucketlift.objects.places.sftp import SftpPlace
from bucketlift.service.runs import runs
from bucketlift.settings import Settings
from bucketlift.stores import s3, sessions

WARM = (drive, engine, processes, spool, run_context, duckdb_loader, s3, entries, pgp, unpack, sqlite)
"""What a child would import first: done once, before any fork."""

STORED = (Workflow, AfterImport, AccountSettings, DestinationSettings)
"""Values that a child reads from its ledger."""

READS = {
    "manifests": {"batch", "members", "count_again", "by_modified"},
    "claims": {"blocks_unit", "find", "finished_elsewhere", "get", "receipts", "rejects"},
    "outbox": {"due", "count", "delayed"},
    "probes": {"find"},
    "deliveries": {"chunks", "found_on", "file_of_name", "sent", "unfinished", "in_doubt"},
    "runs": {"get", "unfinished", "find", "free", "standing", "holds"},
}
"""Reads of the ledger: dying beside one is dying beside the effect before or after it."""


class Points:
    """Counts effects and dies at one of them."""

    def __init__(self, at: int | None, *, after: bool) -> None:
        self._at = at
        self._after = after
        self._lock = threading.Lock()
        self.passed: list[str] = []

    def effect(self, name: str, do: Callable[[], Any]) -> Any:
        with self._lock:
            self.passed.append(name)
            mine = len(self.passed) == self._at
            if mine and not self._after:
                die()
        try:
            return do()
        finally:
            if mine:  # a refusal is an answer too, and may be lost like any other
                die()


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
    signal.pause()


class Watched:
    """Anything whose methods are effects."""

    def __init__(self, inner: Any, points: Points, called: str) -> None:
        self._inner = inner
        self._points = points
        self._called = called

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if not callable(found) or name in READS.get(self._called, ()):
            return found

        def watched(*arguments: Any, **named: Any) -> Any:
            return self._points.effect(f"{self._called}.{name}", lambda: found(*arguments, **named))

        return watched


class WatchedLoader(Watched):
    """Its transactions are watched too; one that is left without a commit is left in any case."""

    @contextmanager
    def begin(self, unit: Any) -> Iterator[Watched]:
        with self._inner.begin(unit) as opened:
            yield Watched(opened, self._points, "load")


def watch(points: Points) -> None:
    """Put the points between the engine and everything it has an effect on."""
    for name in ("Manifests", "Claims", "Outbox", "Probes", "Runs", "Deliveries"):
        setattr(ledger, name, _watching(getattr(ledger, name), points, name.lower()))
    store, loader = Connections._opened, Connections.loader

    def watched_store(connections: Connections, *told: Any) -> Any:
        return Watched(store(connections, *told), points, "store")

    def watched_loader(connections: Connections, destination: str) -> Any:
        return WatchedLoader(loader(connections, destination), points, "loader")

    for kind in (FolderPlace, SftpPlace, BucketPlace):
        for name in ("put", "stage", "publish", "holds"):
            if hasattr(kind, name):
                setattr(kind, name, _watched_method(getattr(kind, name), points, f"place.{name}"))
    setattr(folder, "_link", _watched_method(folder._link, points, "place.link"))  # noqa: B010 - see below
    setattr(Connections, "_opened", watched_store)  # noqa: B010 - replacing a method is the point
    setattr(Connections, "loader", watched_loader)  # noqa: B010 - replacing a method is the point


def _watching(kind: Callable[..., Any], points: Points, called: str) -> Callable[..., Watched]:
    return lambda *arguments: Watched(kind(*arguments), points, called)


def _watched_method(method: Callable[..., Any], points: Points, called: str) -> Callable[..., Any]:
    return lambda *arguments, **named: points.effect(called, lambda: method(*arguments, **named))


def carry_out(order: dict[str, Any], answer: int) -> None:
    """The child's whole life."""
    os.environ.update(order["environment"])
    points = Points(order["at"], after=order["after"])
    watch(points)
    opened: AbstractContextManager[Any] = open_app(Settings())
    with opened as app:
        ended = runs.start(app, order["workflow"])
    os.write(answer, json.dumps({"state": ended.state.value, "points": points.passed}).encode())


def warm() -> None:
    """Work out before any fork what each child would work out first. This starts no thread and sends nothing."""
    session = sessions.new_session()
    session.set_credentials("nobody", "nothing")
    for service in ("sts", "s3"):
        sessions.client_of(session, service, region_name="us-east-1").close()
    for form in STORED:
        json_codec._adapter(form)


def main() -> None:
    with botocore_names.translated_once():
        warm()
        obey()


def obey() -> None:
    for line in sys.stdin:
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            try:
                carry_out(json.loads(line), writer)
            except BaseException:  # noqa: BLE001 - the child must never return into the loop
                sys.excepthook(*sys.exc_info())
                os._exit(1)
            os._exit(0)
        os.close(writer)
        with os.fdopen(reader, "rb") as pipe:
            told = pipe.read()
        _, status = os.waitpid(child, 0)
        code = os.waitstatus_to_exitcode(status)
        sys.stdout.write(json.dumps({"code": code, **json.loads(told or b"{}")}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
