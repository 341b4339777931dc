"""Receives the HTTP calls that start a run. Any program with a valid token or signature can make them."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool

from bucketlift.errors import RequestWrong
from bucketlift.service.workflows import events
from bucketlift.service.workflows.events import Call, CallRefused, SwitchedOff, TooManyCalls
from bucketlift.web.cookies import address
from bucketlift.web.visit import installation

router = APIRouter()


@router.post("/events/{workflow}")
async def receive(request: Request, workflow: str) -> JSONResponse:
    body = await _body(request)
    if body is None:
        return JSONResponse({"error": "The body is too large"}, status_code=413)
    headers = request.headers
    scheme, _, token = headers.get("authorization", "").partition(" ")
    call = Call(
        body=body,
        address=address(request),
        token=token.strip() if scheme.lower() == "bearer" else request.query_params.get("token"),
        timestamp=headers.get("bucketlift-timestamp"),
        signature=headers.get("bucketlift-signature"),
        id=headers.get("bucketlift-id"),
    )
    try:
        answer = await run_in_threadpool(events.receive, installation(request), workflow, call)
    except RequestWrong as error:
        return _refusal(error)
    document: dict[str, Any] = {"run": answer.run} | ({"why": answer.why} if answer.why else {})
    return JSONResponse(document, status_code=200 if answer.why else 202)


async def _body(request: Request) -> bytes | None:
    """Read the body of a call. Returns None if it is too large; reading then stops."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > events.LONGEST:
            return None
    return body


def _refusal(error: RequestWrong) -> JSONResponse:
    document = {"error": error.what, "hint": error.hint}
    match error:
        case CallRefused():
            return JSONResponse(document, status_code=401, headers={"WWW-Authenticate": "Bearer"})
        case TooManyCalls():
            return JSONResponse(document, status_code=429, headers={"Retry-After": str(error.seconds)})
        case SwitchedOff():
            return JSONResponse(document, status_code=409)
        case _:
            return JSONResponse(document, status_code=422)
