"""HTTP calls: bounded in time and size, without redirects. They say for certain whether a failed call had no effect."""

from __future__ import annotations

import logging
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from bucketlift.ports import NotSent

ANSWER_BYTES = 16 << 20
"""Maximum bytes of an answer that are read."""
CONNECT = 10.0
"""Seconds to wait for a connection."""
SLOW = 4
"""The whole answer may take this many times as long as one part of it."""

for _name in ("httpx", "httpcore"):
    logging.getLogger(_name).setLevel(logging.ERROR)  # they log URLs, which contain keys of records


class Lost(Exception):
    """The request left, at least in part, and its answer did not arrive: the result is unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    status: int
    headers: httpx.Headers
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Makes each call on a new connection.

    On a kept connection, a server that closes it cannot be told from one that got the request.
    """

    base: str
    timeout: float
    trusted: ssl.SSLContext

    def call(self, method: str, path: str, headers: Mapping[str, str], body: bytes | None = None) -> Received:
        """Make a call once.

        Raises:
            NotSent: no connection was made.
            Lost: see there.
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
                f"No connection to the platform ({_reason(error)})",
                to=self.base,
                hint="Check the data center, and that this machine can reach it. The next run tries again.",
            ) from None
        except httpx.TimeoutException:
            raise Lost(f"no answer within {self.timeout:g} seconds") from None
        except (httpx.HTTPError, OSError) as error:
            raise Lost(f"the connection broke ({type(error).__name__})") from None

    def _read(self, answer: httpx.Response) -> Received:
        read, end = bytearray(), time.monotonic() + SLOW * self.timeout
        for part in answer.iter_bytes(65_536):
            read += part
            if len(read) > ANSWER_BYTES:
                raise Lost("the answer is too long to be read")
            if time.monotonic() > end:
                raise Lost("the answer came too slowly")
        return Received(status=answer.status_code, headers=answer.headers, body=bytes(read))


def _reason(error: httpx.HTTPError) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted"
    return type(error).__name__
