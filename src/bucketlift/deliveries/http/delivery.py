"""Posts chunks of rows to an HTTP receiver as JSON arrays. A header contains the idempotency key of the
chunk.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from bucketlift import certificates
from bucketlift.deliveries.cell_values import CellValues
from bucketlift.deliveries.http.answers import Meaning
from bucketlift.deliveries.json_rows import json_rows
from bucketlift.deliveries.requests import Caller, Lost
from bucketlift.deliveries.words import Words
from bucketlift.errors import OurFault
from bucketlift.model.account import HttpDestination
from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content, DeliveredFile, Promise
from bucketlift.model.finding import Finding, Health
from bucketlift.model.load import RowsTarget, Target
from bucketlift.model.rows import RowStream
from bucketlift.rules.delivery.promises import promise_of

MAX_BYTES = 4 << 20
"""Maximum number of bytes of one request. A request for a single row may be larger."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The headers that authorize requests, and the secrets in these headers. All are in plain text."""

    headers: Mapping[str, str]
    secrets: tuple[str, ...]

    @staticmethod
    def bearer(token: str) -> Credentials:
        return Credentials(headers={"Authorization": f"Bearer {token}"}, secrets=(token,))

    @staticmethod
    def basic(user: str, password: str) -> Credentials:
        coded = base64.b64encode(f"{user}:{password}".encode()).decode()
        return Credentials(headers={"Authorization": f"Basic {coded}"}, secrets=(password, coded))

    @staticmethod
    def header(name: str, value: str) -> Credentials:
        return Credentials(headers={name: value}, secrets=(value,))


ANSWER_BYTES = 1 << 20
"""Maximum number of bytes of an answer that are read."""
NO_CREDENTIALS = Credentials(headers={}, secrets=())


class HttpDelivery:
    """Sends rows to one HTTP receiver; implements ``Delivery``. docs/how-to/deliveries.md describes what the
    receiver must do.
    """

    def __init__(self, settings: HttpDestination, credentials: Credentials = NO_CREDENTIALS) -> None:
        self._settings = settings
        self._credentials = credentials
        self._words = Words(secrets=credentials.secrets)
        self._shown = settings.url.partition("?")[0]
        self._caller: Caller | None = None

    def promise(self, target: Target) -> Promise:
        return promise_of(self._settings, target)

    def contents(
        self, target: Target, file: DeliveredFile, rows: RowStream, folder: Path
    ) -> Iterator[Content]:
        del file, folder  # the rows alone decide what is sent
        assert isinstance(target, RowsTarget)  # noqa: S101 - the definition checks it
        lines: list[int] = []
        texts: list[bytes] = []
        size = 0
        for line, row in json_rows(target, rows):
            text = row.encode()
            if lines and (len(lines) == target.batch or size + len(text) > MAX_BYTES):
                yield _content(self._shown, lines, texts)
                lines, texts, size = [], [], 0
            lines.append(line)
            texts.append(text)
            size += len(text) + 1
        if lines:
            yield _content(self._shown, lines, texts)

    def send(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        del target
        if content.body is None:
            raise OurFault("A chunk of rows has no body", to=self._shown)
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "bucketlift",
            "Idempotency-Key": chunk.key,
            "Bucketlift-Load": chunk.load,
            "Bucketlift-Chunk": str(chunk.number),
        }
        try:
            received = self._opened().call("POST", "", {**self._credentials.headers, **headers}, content.body)
        except Lost as error:
            return Answer(state=AnswerState.UNKNOWN, detail=str(error))
        words = replace(self._words, cells=CellValues(content.body))
        return Meaning(shown=self._shown, words=words).of(received, content)

    def ask(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        """Answer that the result is unknown, because an HTTP receiver has no request that asks for a chunk."""
        del target, chunk, content
        return Answer(state=AnswerState.UNKNOWN, detail="a worker died while it was sent")

    def where_to_look(self, chunk: Chunk) -> str:
        return (
            f"Look at the receiver {self._shown} for the request with Idempotency-Key {chunk.key} "
            f"({chunk.rows:,} rows)."
        )

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        return {}

    def examine(self) -> tuple[Finding, ...]:
        """Check the settings without a request, because every request to a receiver may take effect."""
        repeat = (
            "A repeated request is ignored by its Idempotency-Key, as the destination says (`idempotent: true`)"
            if self._settings.idempotent
            else "A repeated request may take effect twice: after a lost answer, the file waits for a person"
        )
        return (
            Finding(check="address", health=Health.OK, what=f"Rows are sent to {self._shown}"),
            Finding(check="repeats", health=Health.OK, what=repeat),
            Finding(
                check="connection",
                health=Health.WARNING,
                what="The receiver was not called, because each call may take effect",
                hint="Load a small file first.",
            ),
        )

    def _opened(self) -> Caller:
        """The ``Caller`` for all requests. It is made only once, because reading the trusted certificates
        takes longer than a request.
        """
        if self._caller is None:
            self._caller = Caller(
                base=self._settings.url,
                shown=self._shown,
                name="the receiver",
                hint="Check its address, and that this machine can reach it. The next run tries again.",
                answer_bytes=ANSWER_BYTES,
                timeout=float(self._settings.timeout),
                trusted=certificates.context(),
            )
        return self._caller


def _content(receiver: str, lines: list[int], texts: list[bytes]) -> Content:
    """A chunk. Its hash contains the receiver: the same rows for another receiver are another chunk."""
    body = b"[" + b",".join(texts) + b"]"
    sha256 = hashlib.sha256(f"{receiver}\n".encode() + body).hexdigest()
    return Content(lines=tuple(lines), sha256=sha256, body=body)
