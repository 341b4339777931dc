"""Sends one chunk until the destination has confirmed it. The ledger records each step before the next one."""

from __future__ import annotations

from dataclasses import dataclass

from bucketlift.engine.context.run_context import RunContext
from bucketlift.engine.delivering.patience import Patience, patience, patience_with_job
from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, NeedsPerson
from bucketlift.model.delivery import Answer, AnswerState, Chunk, ChunkState, Content, Promise
from bucketlift.model.workflow import LoadTask
from bucketlift.ports import Delivery, NotSent


class InDoubt(NeedsPerson):
    """The result of a chunk is unknown, and the rows of the chunk may be added twice if the chunk is sent
    again.
    """

    def __init__(self, chunk: Chunk, where: str) -> None:
        super().__init__(
            f"The answer to chunk {chunk.number} (lines {chunk.first_line:,} to {chunk.last_line:,}) is unknown: "
            f"{chunk.what or 'it was lost'}",
            to=chunk.destination,
            hint=f"{where} If the rows are there: `bucketlift deliveries confirm {chunk.claim}`; "
            f"if they are not: `bucketlift deliveries resend {chunk.claim}`.",
        )
        self.chunk = chunk


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
            DestinationBusy: the destination asks us to wait for too long, or its answers are lost.
            AccessRefused, NotFound, DestinationRefused: as in ``Delivery.send``.
        """
        waits, job_waits = patience(self.context), patience_with_job(self.context)
        asked = chunk.state is not ChunkState.SENT
        answer = Answer(state=AnswerState.ABSENT if asked else AnswerState.UNKNOWN)
        sent = False
        while answer.state is not AnswerState.CONFIRMED:
            if answer.state is AnswerState.RUNNING:
                chunk = self._working(chunk, answer, job_waits)
                answer = self._ask(chunk, content, waits)
            elif answer.state is AnswerState.UNKNOWN and not asked:
                asked, answer = True, self._ask(chunk, content, waits)
            else:
                self._require_repeatable(chunk, answer)
                if sent and not waits.wait():
                    raise self._unconfirmed(chunk, answer)
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
            chunk = ledger.send(lease, chunk, now=self.context.now())
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

    def _working(self, chunk: Chunk, answer: Answer, waits: Patience) -> Chunk:
        """Wait while the destination processes the chunk in a job. Returns the chunk with the job's ID."""
        if answer.job is not None and answer.job != chunk.job:
            chunk = self.context.ledger.deliveries.running(self.context.lease, chunk, answer.job)
        if not waits.wait():
            raise DestinationBusy(
                f"The destination still works on chunk {chunk.number} (job {chunk.job})",
                to=self.task.destination,
                hint="The next run asks for the result.",
            )
        return chunk

    def _require_repeatable(self, chunk: Chunk, answer: Answer) -> None:
        """Check that the chunk can be sent again.

        Raises:
            InDoubt: the result of the chunk is unknown, and a repeat may take effect twice.
        """
        unknown = answer.state is AnswerState.UNKNOWN
        if unknown and self.delivery.promise(self.task.target) is Promise.AT_LEAST_ONCE:
            what = answer.detail or "the answer was lost"
            doubtful = self.context.ledger.deliveries.doubt(self.context.lease, chunk, what)
            raise InDoubt(doubtful, self.delivery.where_to_look(doubtful))

    def _unconfirmed(self, chunk: Chunk, answer: Answer) -> DestinationBusy:
        detail = f" ({answer.detail})" if answer.detail else ""
        return DestinationBusy(
            f"The destination does not confirm chunk {chunk.number}{detail}",
            to=self.task.destination,
            hint="The next run sends the chunk again. If its rows are already there, nothing changes.",
        )

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
