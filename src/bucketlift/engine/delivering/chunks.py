"""Sends one chunk until the destination has confirmed it. The ledger records each step before the next one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.patience import Patience, patience, patience_with_job
from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, NeedsPerson
from bucketlift.model.delivery import Answer, AnswerState, Chunk, ChunkState, Content, Promise
from bucketlift.model.load import Target
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery, NotSent

LONGEST_UNCONFIRMED = timedelta(days=1)
"""After this time, a chunk that the destination does not confirm waits for a person."""


class InDoubt(NeedsPerson):
    """The result of a chunk is unknown, and a person must decide whether the chunk is sent again.

    ``repeatable``: a repeat changes nothing if the rows are there.
    """

    def __init__(self, chunk: Chunk, where: str, *, repeatable: bool = False) -> None:
        decide = f"`bucketlift deliveries resend {chunk.claim}`"
        again = (
            f"To send the chunk again: {decide}. If its rows are there, this changes nothing."
            if repeatable
            else f"If they are not: {decide}."
        )
        super().__init__(
            f"The answer to chunk {chunk.number} (lines {chunk.first_line:,} to {chunk.last_line:,}) is unknown: "
            f"{chunk.what or 'it was lost'}",
            to=chunk.destination,
            hint=f"{where} If the rows are there: `bucketlift deliveries confirm {chunk.claim}`. {again}",
        )
        self.chunk = chunk


class Unconfirmed(DestinationBusy):
    """The destination did not confirm a chunk for as long as a run waits. The rows may be there."""

    def __init__(self, chunk: Chunk, what: str, hint: str, *, working: bool) -> None:
        super().__init__(what, to=chunk.destination, hint=hint)
        self.chunk = chunk
        self.working = working
        """Whether the destination answers that it still works on the chunk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Sends the chunks of one load of one file, one chunk at a time."""

    context: RunContext
    task: LoadTask
    delivery: Delivery

    def confirmed(self, chunk: Chunk, content: Content) -> Chunk:
        """Send a chunk, or find out that it was sent, until the destination confirms it. Returns the
        confirmed chunk.

        If the chunk was sent before and its answer is unknown, the destination is asked first.

        Raises:
            InDoubt: a person must find out whether the destination has the chunk.
            Unconfirmed: the destination takes requests, but does not confirm this chunk.
            DestinationBusy: the destination asks us to wait for too long.
            AccessRefused, NotFound, DestinationRefused: as in ``Delivery.send``.
        """
        waits, job_waits = patience(self.context), patience_with_job(self.context)
        asked = chunk.state is not ChunkState.SENT
        answer = Answer(state=AnswerState.ABSENT if asked else AnswerState.UNKNOWN)
        sent = False
        while answer.state is not AnswerState.CONFIRMED:
            if answer.state is AnswerState.RUNNING:
                chunk = self._keep_job(chunk, answer)
                if not job_waits.wait():
                    what = f"The destination still works on chunk {chunk.number} (job {chunk.job})"
                    hint = "The next run asks for the result."
                    raise self._unconfirmed(chunk, what, hint, working=True)
                answer = self._ask(chunk, content, waits)
            elif answer.state is AnswerState.UNKNOWN and not asked:
                asked, found = True, self._ask(chunk, content, waits)
                answer = replace(found, detail=answer.detail or found.detail)
            else:
                self._require_repeatable(chunk, answer)
                if sent and not waits.wait():
                    detail = f" ({answer.detail})" if answer.detail else ""
                    what = f"The destination does not confirm chunk {chunk.number}{detail}"
                    raise self._unconfirmed(chunk, what, _NEXT_RUN, working=False)
                uncertain = answer.state is AnswerState.UNKNOWN
                chunk, answer = self._send(chunk, content, waits, uncertain=uncertain)
                asked, sent = False, True
        return self.context.ledger.deliveries.confirm(
            self.context.lease, chunk, answer, now=self.context.now()
        )

    def _send(
        self, chunk: Chunk, content: Content, waits: Patience, *, uncertain: bool
    ) -> tuple[Chunk, Answer]:
        """Send a chunk until the destination accepts the request.

        ``uncertain``: an earlier request with this chunk may have taken effect. Then the chunk stays recorded as sent,
        even if this request certainly had no effect.
        """
        ledger, lease = self.context.ledger.deliveries, self.context.lease
        while True:
            # The time of the first request shows for how long the chunk is not confirmed.
            first = chunk.sent_at if uncertain else None
            chunk = ledger.send(lease, chunk, now=first or self.context.now())
            try:
                return chunk, self.delivery.send(self.task.target, chunk, content)
            except NotSent as error:
                if not uncertain:
                    chunk = ledger.not_sent(lease, chunk, error.what)
                self._wait(error, waits)
            except NeedsPerson as error:
                if not uncertain:
                    ledger.not_sent(lease, chunk, error.what)
                raise

    def _ask(self, chunk: Chunk, content: Content, waits: Patience) -> Answer:
        while True:
            try:
                return self.delivery.ask(self.task.target, chunk, content)
            except NotSent as error:
                self._wait(error, waits)
            except DestinationRefused as error:
                self.context.ledger.deliveries.not_sent(self.context.lease, chunk, error.what)
                raise

    def _keep_job(self, chunk: Chunk, answer: Answer) -> Chunk:
        """The chunk with the ID of the job in which the destination processes it."""
        if answer.job is None or answer.job == chunk.job:
            return chunk
        return self.context.ledger.deliveries.running(self.context.lease, chunk, answer.job)

    def _require_repeatable(self, chunk: Chunk, answer: Answer) -> None:
        """Check that the chunk can be sent again.

        Raises:
            InDoubt: the result of the chunk is unknown, and a repeat may take effect twice.
        """
        unknown = answer.state is AnswerState.UNKNOWN
        if unknown and self.delivery.promise(self.task.target) is Promise.AT_LEAST_ONCE:
            raise self.in_doubt(chunk, answer.detail or "the answer was lost")

    def _unconfirmed(self, chunk: Chunk, what: str, hint: str, *, working: bool) -> InDoubt | Unconfirmed:
        """The error for a chunk that is not confirmed in this run. If this has lasted too long, a person decides."""
        sent_at = chunk.sent_at or self.context.now()
        if self.context.now() - sent_at > LONGEST_UNCONFIRMED:
            return self.in_doubt(chunk, f"{what}, since {sent_at:%Y-%m-%d %H:%M} UTC")
        return Unconfirmed(chunk, what, hint, working=working)

    def in_doubt(self, chunk: Chunk, what: str) -> InDoubt:
        """Record that a person must decide about a chunk. Returns the error that says so."""
        doubtful = self.context.ledger.deliveries.doubt(self.context.lease, chunk, what)
        return in_doubt(self.delivery, self.task.target, doubtful)

    def _wait(self, error: NotSent, waits: Patience) -> None:
        self._log(error)
        if not waits.wait(error.retry_after):
            raise DestinationBusy(
                error.what, to=error.to or self.task.destination, hint=error.hint
            ) from error

    def _log(self, error: BucketliftError) -> None:
        if (self.task.id, error.what) not in self.context.logged:
            self.context.logged.add((self.task.id, error.what))
            self.context.log(f"{error.what}: another try follows", task=self.task.id, level="warning")


_NEXT_RUN = "The next run sends the chunk again. If its rows are already there, nothing changes."


def in_doubt(delivery: Delivery, target: Target, chunk: Chunk) -> InDoubt:
    """The error for a chunk that is recorded as in doubt."""
    repeatable = delivery.promise(target) is not Promise.AT_LEAST_ONCE
    return InDoubt(chunk, delivery.where_to_look(chunk), repeatable=repeatable)
