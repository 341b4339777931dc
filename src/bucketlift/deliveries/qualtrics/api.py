"""Calls to the platform's API, and what its answers mean."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from bucketlift.deliveries.cell_values import CellValues
from bucketlift.deliveries.qualtrics.access import Access
from bucketlift.deliveries.requests import Caller, Lost, Received
from bucketlift.deliveries.retry_after import retry_after
from bucketlift.deliveries.words import Words
from bucketlift.errors import AccessRefused, BucketliftError, DestinationRefused, NotFound
from bucketlift.ports import NotSent

ROOT = "/API/v3"
_MAX_PAGES = 10_000


class Unclear(Exception):
    """The request was made, and its result is unknown: an error of the server, or an answer that cannot be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Api:
    caller: Caller
    access: Access
    cells: CellValues | None = None
    """The values of the chunk that the calls are about. They are not shown in messages."""

    @property
    def base(self) -> str:
        return self.caller.base

    @property
    def words(self) -> Words:
        return Words(secrets=self.access.secrets, cells=self.cells)

    def get(self, path: str, what: str) -> dict[str, Any]:
        """The result of a call that changes nothing. ``what`` names the thing at this path for errors.

        Raises:
            NotSent: the platform cannot answer now.
            AccessRefused, NotFound: see ``_error``.
        """
        try:
            return self.change("GET", path, what)
        except Lost as error:
            raise NotSent(f"The platform did not answer: {error}", to=self.base) from None
        except (Unclear, DestinationRefused) as error:
            raise NotSent(f"The platform did not answer as expected: {error}", to=self.base) from None

    def change(
        self,
        method: str,
        path: str,
        what: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> dict[str, Any]:
        """The result of a call that may change something.

        Raises:
            NotSent, AccessRefused, NotFound, DestinationRefused: nothing took effect.
            Lost, Unclear: the result is unknown.
        """
        received = self._call(method, path, body, headers or {})
        if received.status == 401 and self.access.renew():
            received = self._call(method, path, body, headers or {})
        if 200 <= received.status < 300:
            return _result(received)
        raise self._error(received, what)

    def pages(self, path: str, what: str, items: str) -> Iterator[dict[str, Any]]:
        """The items of all pages of a list. A page names the query of the next one in ``nextPage``."""
        following: str | None = path
        for _ in range(_MAX_PAGES):
            if following is None:
                return
            result = self.get(following, what)
            yield from (each for each in result.get(items) or () if isinstance(each, dict))
            following = _next(path, result.get("nextPage"))

    def _call(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Received:
        ours = {"Accept": "application/json", "User-Agent": "bucketlift"}
        sent = {**ours, **self.access.headers(self.caller), **headers}
        return self.caller.call(method, ROOT + path, sent, body).require_whole()

    def _error(self, received: Received, what: str) -> Exception:
        status = received.status
        said = f"The platform answered {status}{self._said(received)}"
        wait = retry_after(received.headers.get("Retry-After"), datetime.now(UTC))
        error: BucketliftError
        if status in (409, 429) or (status == 503 and wait is not None):
            hint = (
                "It allows a limited number of calls and of jobs at the same time. The next run tries again."
            )
            return NotSent(said, to=self.base, hint=hint, retry_after=wait)
        if status in (401, 403):
            error = AccessRefused(
                said,
                to=what,
                hint="Check the token or the client of the destination, and that its user may do this there. "
                "`bucketlift secrets set` stores a new secret.",
            )
        elif status in (404, 410) or 300 <= status < 400:
            error = NotFound(
                f"The platform has no such thing, or this user cannot see it ({said})",
                to=what,
                hint="Was it deleted or renamed there? Check its ID in the workflow file, and the data center.",
            )
        elif 400 <= status < 500 and status != 408:
            error = DestinationRefused(
                said,
                to=what,
                hint="Correct the file, the map or the platform's settings; then retry the file.",
            )
        else:
            return Unclear(said)
        return error

    def _said(self, received: Received) -> str:
        """The platform's code and words, and the number of the request, for its support."""
        meta = _mapping(_json(received.body)).get("meta")
        error = _mapping(_mapping(meta).get("error"))
        request = _mapping(meta).get("requestId")
        words = [str(error[key]) for key in ("errorCode", "errorMessage") if error.get(key)]
        return self.words.in_brackets(*words, *([f"request {request}"] if request else []))


def segment(name: str) -> str:
    """A name as one part of a path."""
    return quote(name, safe="")


def _result(received: Received) -> dict[str, Any]:
    document = _json(received.body)
    result = _mapping(document).get("result")
    if document is None and received.body.strip():
        raise Unclear("The answer is not valid JSON")
    return _mapping(result)


def _next(path: str, said: object) -> str | None:
    """The path of the next page. Only its query is used, so that an answer cannot lead elsewhere."""
    if not isinstance(said, str) or "?" not in said:
        return None
    return f"{path.partition('?')[0]}?{said.partition('?')[2]}"


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None
