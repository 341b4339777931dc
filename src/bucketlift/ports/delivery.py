"""The core's interface to a destination without transactions, to which the rows are sent in chunks."""

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
    """A chunk surely took no effect, because the connection was refused or the destination asked us to wait
    (429, 503).
    """

    def __init__(
        self, what: str, *, to: str = "", hint: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(what, to=to, hint=hint)
        self.retry_after = retry_after
        """The number of seconds that the destination asked us to wait; None if it named no time."""


class Delivery(Protocol):
    """Sends the chunks of loads to one destination. The engine records each chunk in the ledger, and decides
    about repeats.
    """

    def promise(self, target: Target) -> Promise:
        """What the destination does if a chunk is sent again.

        If the result of a chunk is unknown, ``EXACTLY_ONCE`` and ``IDEMPOTENT`` allow the engine to send the
        chunk again; with ``AT_LEAST_ONCE`` the chunk waits for a person.
        """
        ...

    def contents(
        self, target: Target, file: DeliveredFile, rows: RowStream, folder: Path
    ) -> Iterator[Content]:
        """Split a file's rows into contents, in order. The same rows and settings give the same contents.

        ``rows`` has the source fields and ``_source_line``; transforms are applied already. The caller uses
        one content before it requests the next: an adapter may write each into the same file in ``folder``,
        which exists and is empty.
        """
        ...

    def send(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        """Send a chunk once. The ledger has recorded the chunk as sent before this call.

        A lost answer (a reset or time-out after the request left) is ``UNKNOWN``, never an error.

        Raises:
            NotSent: the chunk certainly took no effect. The engine waits and repeats the call, within limits.
            AccessRefused: a token or a right is missing; nothing took effect. The load task fails.
            NotFound: the survey, list or project of the target does not exist any more; nothing took effect.
            The load task fails.
            DestinationRefused: the whole chunk is refused, and nothing took effect. The file is held.
        """
        ...

    def ask(self, target: Target, chunk: Chunk, content: Content) -> Answer:
        """Ask the destination whether it has a chunk that was sent, without sending the chunk. ``UNKNOWN`` if
        the destination does not know.

        Raises:
            NotSent: the destination does not answer now. The engine repeats the call, within limits.
            AccessRefused: a token or a right is missing.
            DestinationRefused: its job refused the whole chunk, and nothing took effect. The file is held.
        """
        ...

    def where_to_look(self, chunk: Chunk) -> str:
        """One sentence for a person who must find out whether the destination has this chunk: where to look."""
        ...

    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The fields that can be loaded, by the name of the target; empty if the destination does not list
        them.

        Raises:
            NotSent, AccessRefused: as in ``send``.
        """
        ...

    def examine(self) -> tuple[Finding, ...]:
        """The doctor's findings: address, connection, token and rights.

        Leaves no data behind, and never raises: an error becomes a finding.
        """
        ...
