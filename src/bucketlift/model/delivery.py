"""Deliveries: loads into destinations without transactions, sent in chunks that the ledger records one by one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from uuid import UUID, uuid5

from bucketlift.model.claim import ClaimId
from bucketlift.model.load import LoadId

_NAMESPACE = UUID("6f0e6f2a-5d0b-5f52-9a3e-0b7c1b1f3c55")


class Promise(StrEnum):
    """What a destination guarantees if the same chunk is sent twice."""

    EXACTLY_ONCE = "exactly once"
    """Every row takes effect once. A repeat changes nothing, because the destination finds the rows of the
    first call.
    """
    IDEMPOTENT = "idempotent"
    """The destination recognizes a repeat by its key or its rows. A repeat changes nothing."""
    AT_LEAST_ONCE = "at least once"
    """A repeat takes effect again. So if the result of a chunk is unknown, a person decides."""


class ChunkState(StrEnum):
    PLANNED = "planned"
    """The chunk was not sent, or it certainly took no effect."""
    SENT = "sent"
    """The chunk is being sent, or its answer is not known. This state is recorded before the first byte is
    sent.
    """
    CONFIRMED = "confirmed"
    """The destination has the chunk."""
    IN_DOUBT = "in-doubt"
    """The chunk was sent and its result is unknown. It waits for a person, because a repeat may take effect twice
    or the destination does not confirm the chunk.
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredFile:
    """The file whose rows a delivery sends. Names and keys are made only of these values, so that a repeat
    has the same names and keys.
    """

    load: LoadId
    claim: ClaimId
    load_task: str
    key: str
    """The key of the source object."""
    found_on: date
    """The UTC day on which the ledger recorded the source object."""
    part: int = 0
    """0 for the file itself, n for the n-th replay of its mended rejects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """The content of one chunk. The same rows and settings always give the same contents, in the same order."""

    lines: tuple[int, ...]
    """The source line of each row, in the order of the rows."""
    sha256: str
    """The SHA-256 of everything that is sent, as 64 hex digits."""
    body: bytes | None = None
    """The bytes to send; None if they are in a file."""
    path: Path | None = None
    """The file with the bytes to send, in the folder that the delivery was given. The caller removes the
    folder afterwards.
    """
    name: str | None = None
    """The name of the object that the chunk creates; None if the chunk is an API call."""
    rows_in_file: int | None = None
    """The number of rows if ``lines`` is empty. A content that is too large to refuse single rows has no
    ``lines``.
    """

    span: tuple[int, int] | None = None
    """The first and the last source line if ``lines`` is left empty."""

    @property
    def rows(self) -> int:
        return len(self.lines) if self.rows_in_file is None else self.rows_in_file

    @property
    def first_line(self) -> int:
        return self.span[0] if self.span else min(self.lines, default=0)

    @property
    def last_line(self) -> int:
        return self.span[1] if self.span else max(self.lines, default=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedByDestination:
    """A row that the destination refused, although it took other rows of the chunk."""

    line: int
    message: str
    """The destination's message, without secrets and without values of the row."""
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    inserted: int = 0
    updated: int = 0
    unchanged: int = 0


class AnswerState(StrEnum):
    CONFIRMED = "confirmed"
    """The destination has accepted the chunk, except for the refused rows."""
    RUNNING = "running"
    """The destination still processes the chunk. Ask again later."""
    ABSENT = "absent"
    """The destination certainly does not have the chunk, so the chunk can be sent again."""
    UNKNOWN = "unknown"
    """The destination does not know whether it has the chunk, or its answer was lost."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A destination's answer about a chunk."""

    state: AnswerState
    counts: Counts = Counts()
    refused: tuple[RefusedByDestination, ...] = ()
    """All refused rows of the chunk, in the order of their lines. The counts do not include them."""
    job: str | None = None
    """The destination's own ID for the work on the chunk. The ledger stores it, and ``ask`` receives it with
    the chunk.
    """
    name: str | None = None
    """The final name of the created object, if it differs from the content's name."""
    detail: str | None = None
    """For people: why the result is unknown, or the destination's message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """One chunk of a delivery, as the ledger records it."""

    claim: ClaimId
    load_task: str
    part: int
    number: int
    """The number of the chunk, from 1, in the order of the rows."""
    load: LoadId
    destination: str
    first_line: int
    last_line: int
    rows: int
    sha256: str
    key: str
    """The idempotency key of the chunk: a UUID that is computed from load, number and content."""
    state: ChunkState
    name: str | None = None
    job: str | None = None
    counts: Counts = Counts()
    refused: tuple[RefusedByDestination, ...] = ()
    sent_at: datetime | None = None
    confirmed_at: datetime | None = None
    what: str | None = None
    """The last problem with the chunk, for people."""
    token: str | None = None
    """A random text that distinguishes the chunk from a former one with the same number, which a person decided to
    send again. None for chunks of older versions.
    """


def idempotency_key(load: LoadId, number: int, sha256: str) -> str:
    """The key of a chunk. Different content gets a different key, so that no receiver takes it for a repeat."""
    return str(uuid5(_NAMESPACE, f"{load}/{number}/{sha256}"))
