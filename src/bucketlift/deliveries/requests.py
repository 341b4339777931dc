"""Sends one HTTP request with limits on time and size, and follows no redirects. If the request fails, the
error tells whether the receiver may have got the request.
"""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bucketlift.ports import NotSent

CONNECT = 10.0
"""Maximum seconds to wait for a connection."""
SLOW = 4
"""The maximum time for a whole answer, as a multiple of the maximum time for one part of the answer."""

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they log URLs, and a URL may be a secret


class Lost(Exception):
    """At least a part of the request was sent, but no answer arrived. So it is unknown whether the request
    took effect.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """The answer of the receiver to one request."""

    status: int
    reason: str
    headers: httpx.Headers
    body: bytes
    whole: bool
    """Whether the body is complete. A body that is longer than ``Caller.answer_bytes`` is cut."""

    def require_whole(self) -> Received:
        """The answer itself. Raises Lost if its body was cut."""
        if not self.whole:
            raise Lost("the answer is too long to be read")
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Sends requests to one receiver, each on a new connection.

    If a server closes a reused connection, the client cannot tell whether the server got the request.
    """

    base: str
    """The address to which the path of each request is appended."""
    shown: str
    """The receiver's address without secrets, for messages."""
    name: str
    """The words for the receiver in messages, such as ``the receiver``."""
    hint: str
    """What to do if no connection can be made."""
    answer_bytes: int
    """Maximum number of bytes of an answer that are read."""
    timeout: float
    trusted: ssl.SSLContext

    def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Received:
        """Send a request, without repeats.

        Raises:
            NotSent: no connection was made, so the request had no effect.
            Lost: no answer arrived, so the request may have had an effect.
        """
        limits = httpx.Timeout(self.timeout, connect=min(CONNECT, self.timeout))
        try:
            with (
                httpx.Client(
                    timeout=limits, follow_redirects=False, verify=self.trusted, trust_env=False
                ) as client,
                client.stream(method, self.base + path, content=body, headers=dict(headers)) as answer,
            ):
                return self._read(answer)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise NotSent(
                f"No connection to {self.name} ({_reason(error)})",
                to=self.shown,
                hint=self.hint,
            ) from None
        except httpx.TimeoutException:
            raise Lost(f"no answer within {self.timeout:g} seconds") from None
        except (httpx.HTTPError, OSError) as error:
            raise Lost(f"the connection broke ({type(error).__name__})") from None

    def _read(self, answer: httpx.Response) -> Received:
        read, end = bytearray(), time.monotonic() + SLOW * self.timeout
        whole = True
        for part in answer.iter_bytes(65_536):
            read += part
            if len(read) > self.answer_bytes:
                whole = False
                break
            if time.monotonic() > end:
                raise Lost("the answer came too slowly")
        return Received(
            status=answer.status_code,
            reason=answer.reason_phrase,
            headers=answer.headers,
            body=bytes(read[: self.answer_bytes]),
            whole=whole,
        )


def _reason(error: httpx.HTTPError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted"
    return type(error).__name__
