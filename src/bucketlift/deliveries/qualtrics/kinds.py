"""What each kind of import does: contacts, employees, responses and records."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, TypeVar

from bucketlift.model.delivery import Answer, AnswerState, Chunk, Content
from bucketlift.model.load import Target
from bucketlift.model.rows import RowStream

T_contra = TypeVar("T_contra", bound=Target, contravariant=True)


class Kind(Protocol[T_contra]):
    """Raises: as ``Delivery``, and Lost or Unclear if the result of a request is unknown."""

    def contents(self, target: T_contra, rows: RowStream) -> Iterator[Content]: ...

    def send(self, target: T_contra, chunk: Chunk, content: Content) -> Answer: ...

    def ask(self, target: T_contra, chunk: Chunk, content: Content) -> Answer: ...


def unknown(detail: str) -> Answer:
    return Answer(state=AnswerState.UNKNOWN, detail=detail)


def working(job: object) -> Answer:
    """The platform took a chunk, and works on it as this job."""
    if not isinstance(job, str) or not job:
        return unknown("the platform's answer names no job")
    return Answer(state=AnswerState.RUNNING, job=job)


def has_failed(status: dict[str, object]) -> bool:
    return str(status.get("status", "")).casefold() in ("failed", "error")


def is_done(status: dict[str, object]) -> bool:
    return status.get("percentComplete") in (100, 100.0, "100")
