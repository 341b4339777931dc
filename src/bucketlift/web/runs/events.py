"""A run under way, told as it goes on: parts of its page are sent when they have changed (server-sent events)."""

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
"""Seconds between two looks into the ledger, at least."""
GENTLE = 10
"""A look that takes long is repeated after so many times as long."""
HEED = 0.2
"""Seconds until the server's end is noticed, at most."""
STILL_IN = 20.0
"""Seconds after which it is asked again whether the reader is still signed in; something is sent then, too."""
MOST = 5
"""Runs that one session can follow at once: a browser has six connections to a server, and needs one."""
PARTS = ("status", "summary", "tasks", "now", "log")


class Listeners:
    """Who follows how many runs here."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    @contextmanager
    def one(self, session: str) -> Iterator[bool]:
        """Whether there is room for one more, for as long as the block lasts."""
        with self._lock:
            free = self._counts[session] < MOST
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
            yield _event("over", "over")  # the page stands still then; loading it anew shows what is new
            return
        async for told in _told(request, visit, run):
            yield told


async def _told(request: Request, visit: Visit, run: str) -> AsyncIterator[bytes]:
    loop, sent = asyncio.get_running_loop(), dict[str, str]()
    asked_at = loop.time()
    while True:
        begun_at = loop.time()
        try:
            found, over = await run_in_threadpool(_look, request, visit, run)
        except BucketliftError:
            found, over = {}, False  # the ledger is away: it may come back
        for name, text in found.items():
            if sent.get(name) != text:
                yield _event(name, text)
        sent |= found
        if over:
            yield _event("over", "over")
            return
        pause = max(EVERY, GENTLE * (loop.time() - begun_at))
        if not await _rest(request, pause):
            return
        if loop.time() - asked_at >= STILL_IN:
            asked_at = loop.time()
            if not await run_in_threadpool(_is_in, request, visit):
                yield _event("over", "over")
                return
            yield b": still here\n\n"


async def _rest(request: Request, seconds: float) -> bool:
    """False where the server is going: an open answer would hold it up."""
    going: threading.Event | None = getattr(request.app.state, "going", None)
    loop = asyncio.get_running_loop()
    until = loop.time() + seconds
    while (left := until - loop.time()) > 0:
        if going is not None and going.is_set():
            return False
        await asyncio.sleep(min(HEED, left))
    return going is None or not going.is_set()


def _is_in(request: Request, visit: Visit) -> bool:
    token = request.cookies.get(cookie_name(request))
    session = sessions.find(visit.app, token) if token else None
    return session is not None and session.user.may(Right.SEE)


def _look(request: Request, visit: Visit, run: str) -> tuple[dict[str, str], bool]:
    """The parts of the page as they are now, and whether the run is over."""
    found = parts.context(visit.app, run)
    told: dict[str, Any] = found | parts.log(visit.app, run)
    told |= {"request": request, "session": visit.session, "user": visit.user, "Right": Right}
    drawn = {name: environment.get_template(f"runs/part_{name}.html").render(told) for name in PARTS}
    # Where the log has a new line, a file may be in another state, although no count tells so.
    steps = [
        *((step.outcome.get("files"), step.unfinished) for step in found["live"].steps),
        *told["lines"][-1:],
    ]
    return drawn | {"files": str(hash(str(steps)))}, found["live"].over


def _event(name: str, text: str) -> bytes:
    told: bytes = format_sse_event(event=name, data_str=text)
    return told
