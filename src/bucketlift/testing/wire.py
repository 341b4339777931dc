"""The WSGI interface of the server: converts requests and answers, and adds the faults that tests inject."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from email.utils import formatdate
from http import HTTPStatus
from typing import Any, Protocol

from bucketlift.testing.answer import Answer, query_refusal, refusal
from bucketlift.testing.deletions import named_objects, spared, sparing
from bucketlift.testing.faults import (
    Calls,
    CorruptsByte,
    CutsBody,
    ErrorWith200,
    Fault,
    Faults,
    LoginPage,
    Refuses,
    Resets,
    Rewrites,
    SparesKeys,
    Stalls,
    WithoutLength,
)
from bucketlift.testing.log import Logged, RequestLog
from bucketlift.testing.request import Request, read_request

StartResponse = Callable[[str, list[tuple[str, str]]], Any]

_LOGIN = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><p>Sign in to go on</p></body></html>"
)


class Answers(Protocol):
    def answer(self, request: Request) -> Answer: ...


class Wire:
    def __init__(self, store: Answers, faults: Faults, log: RequestLog) -> None:
        self._store = store
        self._faults = faults
        self._log = log

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        request = read_request(environ)
        fault = self._faults.at(request.operation, request.key)
        answer = self._answer(request, fault, environ)
        self._note(request, answer.status)
        body = b"" if request.method == "HEAD" else answer.body
        headers = {"date": formatdate(usegmt=True), **answer.headers}
        if request.method != "HEAD" and not isinstance(fault, WithoutLength):
            headers["content-length"] = str(len(body))
        status = HTTPStatus(answer.status)
        start_response(f"{status.value} {status.phrase}", list(headers.items()))
        return _sent(body, fault)

    def _answer(self, request: Request, fault: Fault | None, environ: dict[str, Any]) -> Answer:
        match fault:
            case Refuses(status=status, code=code, message=message):
                said = refusal if request.service == "s3" else query_refusal
                return said(status, code, message or code)
            case ErrorWith200(code=code):
                return replace(refusal(500, code, code), status=200)
            case LoginPage():
                return Answer(status=200, headers={"content-type": "text/html"}, body=_LOGIN)
            case Resets(after_effect=after_effect):
                if after_effect:
                    self._store.answer(request)
                self._note(request, 0)
                _reset(environ)
            case Calls(before=before, after=after):
                return self._around(request, before, after)
            case SparesKeys(keys=keys, code=code):
                left = replace(request, body=sparing(request.body, keys))
                return spared(self._store.answer(left), keys, code)
            case Rewrites(request=heard, answer=changed):
                answer = self._store.answer(heard(request) if heard else request)
                return changed(answer) if changed else answer
            case CutsBody(keep=keep, honest=True):
                whole = self._store.answer(request)
                return replace(whole, body=whole.body[:keep])
        return self._store.answer(request)

    def _around(
        self, request: Request, before: Callable[[], object] | None, after: Callable[[], object] | None
    ) -> Answer:
        if before is not None:
            before()
        answer = self._store.answer(request)
        if after is not None:
            after()
        return answer

    def _note(self, request: Request, status: int) -> None:
        """Add a line to the log for each key that a call names."""
        keys = [request.key]
        if request.operation == "DeleteObjects":
            keys = [key for key, _ in named_objects(request.body)]
        for key in keys:
            self._log.add(Logged(operation=request.operation, bucket=request.bucket, key=key, status=status))


def _sent(body: bytes, fault: Fault | None) -> Iterable[bytes]:
    match fault:
        case CutsBody(keep=keep, honest=False):
            return [body[:keep]]
        case CorruptsByte(at=at):
            return [body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]]
        case Stalls():
            return _stalling(body, fault)
        case _:
            return [body]


def _stalling(body: bytes, fault: Stalls) -> Iterator[bytes]:
    yield body[: fault.after]
    fault.until.wait(60)
    yield body[fault.after :]


def _reset(environ: dict[str, Any]) -> None:
    """Drop the connection, so that the client gets no answer."""
    environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
    raise ConnectionResetError("dropped on request of a test")
