"""Live updates of a run's page. The parts of the page that change are sent as server-sent events."""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from fastapi.sse import format_sse_event
from starlette.concurrency import run_in_threadpool

from bucketlift.errors import BucketliftError
from bucketlift.model.user import Right
from bucketlift.service.people import sessions
from bucketlift.web.render import environment
from bucketlift.web.runs import parts
from bucketlift.web.visit import Seeing, Visit, cookie_name

if TYPE_CHECKING:
    from collections.abc import Iterator

router = APIRouter()

EVERY = 1.0
"""Minimum seconds between two reads of the ledger."""
PAUSE_FACTOR = 10
"""The pause after a read of the ledger is at least this many times as long as the read."""
CHECK_SHUTDOWN = 0.2
"""Maximum number of seconds after which a shutdown of the server ends the stream."""
CHECK_SESSION = 20.0
"""Seconds between two checks that the session is still valid. A comment that keeps the connection alive is
sent at the same time.
"""
MAX_STREAMS = 5
"""Maximum number of streams of a session. A browser opens six connections to a server, and needs one of them
for pages.
"""
PARTS = ("status", "summary", "tasks", "now", "log")


class Listeners:
    """Counts the open streams of each session."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, session: str) -> Iterator[bool]:
        """Reserve a stream while the block lasts. Yields False if the session has no free stream."""
        with self._lock:
            free = self._counts[session] < MAX_STREAMS
            self._counts[session] += free
        try:
            yield free
        finally:
            with self._lock:
                self._counts[session] -= free
                if not self._counts[session]:
                    del self._counts[session]


listeners = Listeners()


@router.get("/runs/{run}/events")
async def events(request: Request, visit: Seeing, run: str) -> Response:
    await run_in_threadpool(visit.app.ledger.runs.get, run)
    return StreamingResponse(
        _stream(request, visit, run),
        media_type="text/event-stream",
        headers={"X-Accel-Buffering": "no"},
    )


async def _stream(request: Request, visit: Visit, run: str) -> AsyncIterator[bytes]:
    with listeners.one(visit.session.id) as free:
        if not free:
            yield _event("over", "over")  # no live updates; reloading the page shows the current state
            return
        async for event in _changes(request, visit, run):
            yield event


async def _changes(request: Request, visit: Visit, run: str) -> AsyncIterator[bytes]:
    loop, sent = asyncio.get_running_loop(), dict[str, str]()
    asked_at = loop.time()
    while True:
        started_at = loop.time()
        try:
            found, over = await run_in_threadpool(_rendered, request, visit, run)
        except BucketliftError:
            found, over = {}, False  # the ledger is unavailable for now
        for name, text in found.items():
            if sent.get(name) != text:
                yield _event(name, text)
        sent |= found
        if over:
            yield _event("over", "over")
            return
        pause = max(EVERY, PAUSE_FACTOR * (loop.time() - started_at))
        if not await _pause(request, pause):
            return
        if loop.time() - asked_at >= CHECK_SESSION:
            asked_at = loop.time()
            if not await run_in_threadpool(_is_signed_in, request, visit):
                yield _event("over", "over")
                return
            yield b": still here\n\n"


async def _pause(request: Request, seconds: float) -> bool:
    """Wait. Returns False if the server shuts down, because an open response would delay the shutdown."""
    going: threading.Event | None = getattr(request.app.state, "going", None)
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        if going is not None and going.is_set():
            return False
        await asyncio.sleep(min(CHECK_SHUTDOWN, left))
    return going is None or not going.is_set()


def _is_signed_in(request: Request, visit: Visit) -> bool:
    token = request.cookies.get(cookie_name(request))
    session = sessions.find(visit.app, token) if token else None
    return session is not None and session.user.may(Right.SEE)


def _rendered(request: Request, visit: Visit, run: str) -> tuple[dict[str, str], bool]:
    """The current parts of the page, and whether the run has ended."""
    found = parts.context(visit.app, run)
    context: dict[str, Any] = found | parts.log(visit.app, run)
    context |= {"request": request, "session": visit.session, "user": visit.user, "Right": Right}
    drawn = {name: environment.get_template(f"runs/part_{name}.html").render(context) for name in PARTS}
    # A new log line may mean that a file changed its state, even if no count changed.
    steps = [
        *((step.outcome.get("files"), step.unfinished) for step in found["live"].steps),
        *context["lines"][-1:],
    ]
    return drawn | {"files": str(hash(str(steps)))}, found["live"].over


def _event(name: str, text: str) -> bytes:
    event: bytes = format_sse_event(event=name, data_str=text)
    return event
