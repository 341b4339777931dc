"""The core's interface to a destination without transactions, to which a load is sent in chunks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from bucketlift.errors import Transient
from bucketlift.model.delivery import Answer, Chunk, Content, DeliveredFile, Promise
from bucketlift.model.finding import Finding
from bucketlift.model.load import Target
from bucketlift.model.rows import RowStream


class NotSent(Transient):
    """A chunk certainly took no effect: the connection was refused, or the destination asked to wait (429, 503)."""

    def __init__(
        self, what: str, *, to: str = "", hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(what, to=to, hint=hint)
        self.retry_after = retry_after
        """The seconds that the destination asked to wait; None if it did not say."""


class Delivery(Protocol):
    """Sends the chunks of loads to one destination. The engine records each chunk in the ledger, and repeats calls."""

    def promise(self, target: Target) -> Promise:
        """What a repeat of a chunk does. ``EXACTLY_ONCE`` and ``IDEMPOTENT`` allow the engine to send a chunk again
        whose result is unknown; with ``AT_LEAST_ONCE`` it waits for a person.
        """
        ...

    def contents(
        self, target: Target, file: DeliveredFile, rows: RowStream, folder: Path
    ) -> Iterator[Content]:
        """Split a file's rows into contents, in order: the same rows and settings give the same contents.

        ``rows`` has the source fields and ``_source_line``; transforms are applied already. The contents are used one
        after another: an adapter may write into ``folder`` (it exists and is empty), and reuse the file.
        """
        ...

    def send(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        """Send a chunk once. The ledger has recorded it as sent before.

        A lost answer (a reset or time-out after the request left) is ``UNKNOWN``, never an error.

        Raises:
            NotSent: it certainly took no effect. The engine waits and repeats the call, within limits.
            AccessRefused: a token or a right is missing; nothing took effect. The load task fails.
            NotFound: the survey, list or project of the target is gone; nothing took effect. The load task fails.
            DestinationRefused: the whole chunk is refused, and nothing took effect. The file is held.
        """
        ...

    def ask(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        """Ask what became of a sent chunk, without sending it. ``UNKNOWN`` if the destination cannot tell.

        Raises:
            NotSent: the destination cannot be asked now. The engine repeats the call, within limits.
            AccessRefused: see ``send``.
        """
        ...

    def where_to_look(self, chunk: Chunk) -> str:
        """One sentence for a person who must find out whether the destination has this chunk."""
        ...

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The fields of each target that can be loaded, by its name; empty if the destination cannot tell.

        Raises:
            NotSent, AccessRefused: see ``send``.
        """
        ...

    def examine(self) -> tuple[Finding, ...]:
        """A doctor's findings: address, connection, token, rights.

        Leaves no data behind, and never raises: an error becomes a finding.
        """
        ...
