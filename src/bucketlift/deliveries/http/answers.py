"""Interprets the answer that an HTTP receiver gives to a chunk of rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from bucketlift.deliveries.requests import Received
from bucketlift.deliveries.retry_after import retry_after
from bucketlift.deliveries.words import Words
from bucketlift.errors import AccessRefused, BucketliftError, DestinationRefused, NotFound
from bucketlift.model.delivery import Answer, AnswerState, Content, Counts, RefusedByDestination
from bucketlift.ports import NotSent

_WAIT = frozenset({425, 429})
"""The status codes by which the receiver refuses a request before it processes the request. The same request
can be sent again later.
"""
_WAIT_IF_ASKED = frozenset({409, 503})
"""The status codes that ask for a repeat of the request only if the answer has the header Retry-After."""
_MISSING = frozenset({404, 405, 410})
_MAX_REFUSED = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """Interprets the answers to requests that send chunks to one receiver."""

    shown: str
    """The receiver's address without secrets, for messages."""
    words: Words

    def of(self, received: Received, content: Content) -> Answer:
        """Interpret the answer to a request that sent this content.

        Raises:
            NotSent, AccessRefused, NotFound, DestinationRefused: the answer says for certain that no row took
            effect.
        """
        if 200 <= received.status < 300:
            return self._taken(received, content)
        if (error := self._refusal(received)) is not None:
            raise error
        reason = self.words.clean(received.reason)
        return _unknown(f"the receiver answered {received.status} {reason}".strip())

    def _refusal(self, received: Received) -> BucketliftError | None:
        """The error for an answer that says for certain that no row took effect; None for any other answer."""
        status, wait = received.status, retry_after(received.headers.get("Retry-After"), datetime.now(UTC))
        said = f"The receiver answered {status}{self._said(received)}"
        if status in _WAIT or (status in _WAIT_IF_ASKED and wait is not None):
            return NotSent(said, to=self.shown, retry_after=wait)
        if 300 <= status < 400:
            return NotFound(
                f"{said}, a redirect, which is not followed",
                to=self.shown,
                hint="Write the address of its target as `url` of the destination.",
            )
        if status in (401, 403, 407):
            return AccessRefused(
                said,
                to=self.shown,
                hint="Check the secret in `auth` of the destination, and that the receiver lets it send rows. "
                "`bucketlift secrets set` stores a new secret.",
            )
        if status in _MISSING:
            return NotFound(said, to=self.shown, hint="Check `url` of the destination: it must accept POST.")
        if 400 <= status < 500 and status != 408:
            return DestinationRefused(
                said,
                to=self.shown,
                hint="Correct the file or the map, or reduce `batch`; then retry the file: rows that were "
                "confirmed are not sent again.",
            )
        return None

    def _said(self, received: Received) -> str:
        text = received.body[:2_000].decode("utf-8", "replace")
        found = _json(text)
        if isinstance(found, dict):
            named = (found.get(key) for key in ("message", "error", "detail", "title"))
            text = next((each for each in named if isinstance(each, str)), "")
        elif "html" in received.headers.get("Content-Type", ""):
            text = ""
        return self.words.in_brackets(received.reason, text)

    def _taken(self, received: Received, content: Content) -> Answer:
        document = None
        if _is_json(received):
            if not received.whole:
                return _unknown("the answer is too long to be read, so refused rows may be missing")
            document = _json(received.body.decode("utf-8", "replace"))
            if document is None:
                return _unknown("the answer is not valid JSON, so refused rows may be missing")
        listed = document.get("refused", []) if isinstance(document, dict) else []
        try:
            refused = tuple(self._refused(listed, content.lines))
        except (TypeError, KeyError, IndexError, ValueError):
            return _unknown("the answer's list of refused rows is not valid")
        return Answer(
            state=AnswerState.CONFIRMED,
            counts=_counts(document, content.rows - len(refused)),
            refused=refused,
        )

    def _refused(self, listed: Any, lines: Sequence[int]) -> Iterator[RefusedByDestination]:
        """Read the receiver's list of refused rows. Each refused row is returned once, in the order of the
        rows.
        """
        if not isinstance(listed, list) or len(listed) > _MAX_REFUSED:
            raise TypeError
        by_row: dict[int, RefusedByDestination] = {}
        for each in listed:
            row = each["row"]
            if type(row) is not int or row < 0:
                raise TypeError
            message, name = each.get("message"), each.get("field")
            by_row.setdefault(
                row,
                RefusedByDestination(
                    line=lines[row],
                    message=self.words.clean(message) if isinstance(message, str) else "",
                    field=self.words.clean(name)[:200] if isinstance(name, str) else None,
                ),
            )
        return (by_row[row] for row in sorted(by_row))


def _counts(document: Any, taken: int) -> Counts:
    """The counts that the receiver reports, if their sum is the number of rows that it took. Otherwise all
    rows are counted as inserted.
    """
    if isinstance(document, dict):
        named = [document.get(key, 0) for key in ("inserted", "updated", "unchanged")]
        if all(type(each) is int and each >= 0 for each in named) and sum(named) == taken:
            return Counts(inserted=named[0], updated=named[1], unchanged=named[2])
    return Counts(inserted=taken)


def _is_json(received: Received) -> bool:
    """Whether the answer has a JSON document. A document without its media type counts, too: it may list refused
    rows.
    """
    body = received.body.strip()
    return bool(body) and (
        "json" in received.headers.get("Content-Type", "").casefold() or body.startswith(b"{")
    )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _unknown(detail: str) -> Answer:
    return Answer(state=AnswerState.UNKNOWN, detail=detail)
