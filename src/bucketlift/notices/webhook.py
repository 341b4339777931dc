"""Sends a notice by HTTP: a POST of its facts, with a signature."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import httpx

from bucketlift import certificates
from bucketlift.errors import NeedsPerson, NotDelivered
from bucketlift.model.notice import Notice
from bucketlift.notices.deadline import Deadline
from bucketlift.notices.words import subject, text

ANSWER_READ = 64 * 1024
"""Maximum bytes of an answer that are read before the connection is closed. The bytes are not stored."""
TIMEOUT = 10.0
"""Seconds to wait for each answer of the server."""

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they log URLs, and a URL may be a secret


def anywhere(url: httpx.URL) -> bool:  # noqa: ARG001 - the shape of every such rule
    """Allow every address, because operators may use any address in their files and variables."""
    return True


def body_of(notice: Notice) -> bytes:
    """The request's body: the facts, and the text of the same notice as an e-mail."""
    facts = {**notice.body, "id": notice.id, "subject": subject(notice.body), "text": text(notice.body)}
    return json.dumps(facts).encode()


def signature(key: str, timestamp: str, body: bytes) -> str:
    """The signature of a request: the HMAC-SHA256 of ``timestamp.body``."""
    return hmac.new(key.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def post(
    url: str,
    notice: Notice,
    *,
    key: str | None,
    now: datetime,
    within: float,
    allowed: Callable[[httpx.URL], bool] = anywhere,
) -> None:
    """Post a notice. Any status from 200 to 299 means success.

    Raises:
        NotDelivered: the server did not accept the notice. The error never contains the address.
    """
    body, timestamp = body_of(notice), str(int(now.timestamp()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "bucketlift",
        "Bucketlift-Id": notice.id,
        "Bucketlift-Timestamp": timestamp,
    }
    if key is not None:
        headers["Bucketlift-Signature"] = f"sha256={signature(key, timestamp, body)}"
    post_body(url, body, headers=headers, within=within, allowed=allowed)


def post_body(
    url: str,
    body: bytes,
    *,
    within: float,
    headers: dict[str, str] | None = None,
    allowed: Callable[[httpx.URL], bool] = anywhere,
) -> None:
    """Post a body of JSON. Any status from 200 to 299 means success.

    Raises:
        NotDelivered: the server did not accept the notice. The error never contains the address.
    """
    sent = headers or {"Content-Type": "application/json", "User-Agent": "bucketlift"}
    status = _posted(_address(url, allowed), body, sent, within)
    if not 200 <= status < 300:
        raise _refused(status)


def _address(url: str, allowed: Callable[[httpx.URL], bool]) -> httpx.URL:
    try:
        address = httpx.URL(url)
    except httpx.InvalidURL:
        address = httpx.URL("")
    if address.scheme not in ("http", "https") or not address.host:
        raise NotDelivered(
            "The webhook's address is not a URL", hint="Write an address such as https://host/path."
        )
    if not allowed(address):
        raise NotDelivered(
            "The webhook's address is not allowed", hint="Ask the operator to allow the address."
        )
    return address


def _posted(url: httpx.URL, body: bytes, headers: dict[str, str], within: float) -> int:
    """Post the request. Returns the status of the answer."""
    try:
        trusted = certificates.context()
    except NeedsPerson as error:
        raise NotDelivered(error.what, to=error.to, hint=error.hint) from error
    with Deadline(within) as deadline:

        def watch(event: str, info: dict[str, Any]) -> None:
            if event == "connection.connect_tcp.complete":
                deadline.watch(info["return_value"].get_extra_info("socket"))

        timeout = max(min(TIMEOUT, deadline.seconds), 0.001)
        try:
            with (
                httpx.Client(timeout=timeout, follow_redirects=False, verify=trusted) as client,
                client.stream(
                    "POST", url, content=body, headers=headers, extensions={"trace": watch}
                ) as answer,
            ):
                with suppress(httpx.HTTPError):
                    _read_a_little(answer)
                return answer.status_code
        except (httpx.HTTPError, OSError) as error:
            what = f"The webhook cannot be reached ({type(error).__name__})"
            if deadline.passed or isinstance(error, httpx.TimeoutException):
                what = "The webhook does not answer in time"
            if "CERTIFICATE_VERIFY_FAILED" in str(error):
                what = "The webhook's certificate is not trusted"
                raise NotDelivered(what, hint=certificates.HINT) from None
            raise NotDelivered(what) from None


def _read_a_little(answer: httpx.Response) -> None:
    """Read the start of the answer, so that the server can finish sending it."""
    read = 0
    for chunk in answer.iter_raw(4096):
        read += len(chunk)
        if read >= ANSWER_READ:
            return


def _refused(status: int) -> NotDelivered:
    if 300 <= status < 400:
        return NotDelivered(
            f"The webhook answered {status}, a redirect, which is not followed",
            hint="Set the webhook to the address to which it redirects.",
        )
    return NotDelivered(f"The webhook answered {status}")
