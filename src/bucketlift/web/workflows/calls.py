"""Calls from other programs that begin a run: anybody's, with the right proof."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from bucketlift.errors import RequestWrong
from bucketlift.service.workflows import events
from bucketlift.service.workflows.events import Call, CallRefused, SwitchedOff, TooManyCalls
from bucketlift.web.coming import address
from bucketlift.web.visit import installation

router = APIRouter()


@router.post("/events/{workflow}")
async def receive(request: Request, workflow: str) -> JSONResponse:
    body = await _body(request)
    if body is None:
        return JSONResponse({"error": "The body is too large"}, status_code=413)
    told = request.headers
    scheme, _, token = told.get("authorization", "").partition(" ")
    call = Call(
        body=body,
        address=address(request),
        token=token.strip() if scheme.lower() == "bearer" else request.query_params.get("token"),
        timestamp=told.get("bucketlift-timestamp"),
        signature=told.get("bucketlift-signature"),
        id=told.get("bucketlift-id"),
    )
    try:
        answer = await run_in_threadpool(events.receive, installation(request), workflow, call)
    except RequestWrong as error:
        return _refusal(error)
    said: dict[str, Any] = {"run": answer.run} | ({"why": answer.why} if answer.why else {})
    return JSONResponse(said, status_code=200 if answer.why else 202)


async def _body(request: Request) -> bytes | None:
    """None where it is larger than any event; it is not read to its end then."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > events.LONGEST:
            return None
    return body


def _refusal(error: RequestWrong) -> JSONResponse:
    said = {"error": error.what, "hint": error.hint}
    match error:
        case CallRefused():
            return JSONResponse(said, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        case TooManyCalls():
            return JSONResponse(said, status_code=429, headers={"Retry-After": str(error.seconds)})
        case SwitchedOff():
            return JSONResponse(said, status_code=409)
        case _:
            return JSONResponse(said, status_code=422)
