"""The shapes of triggers: schedules, the end of other workflows, and events, which are HTTP calls."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import AfterValidator, Field

from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import AfterWorkflow, EventField, HttpEvent, Proof, Schedule, Trigger
from bucketlift.rules.nearest import nearest
from bucketlift.schema.schedules import ScheduleShape
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import Shape, exactly_one, invalid, raise_errors
from bucketlift.schema.values import AtLeastOne, Choices, Slug, written_as

LONGEST_PATH = 500
MOST_FIELDS = 50
_HINT = "Write a path that finds one value, such as $.order.id or $.items[0].name."


def _path(value: str) -> str:
    """Check that a path is a singular query, which finds at most one value and is fast."""
    import jsonpath_rfc9535 as jsonpath  # noqa: PLC0415 - only where there are events

    try:
        query = jsonpath.compile(value) if len(value) <= LONGEST_PATH else None
    except (jsonpath.JSONPathError, RecursionError, ValueError):
        query = None
    if query is None:
        raise invalid("not a path of JSONPath", _HINT)
    if not query.singular_query():
        raise invalid("this path can find several values", _HINT)
    return value


EventPath = Annotated[str, AfterValidator(_path), Field(examples=["$.order.id"])]


class EventShape(Shape, model=HttpEvent):
    """An HTTP call of the workflow's address `/events/WORKFLOW`, with a token or a signature."""

    token: Secret | None = None
    signature: Secret | None = None
    fields: Annotated[dict[Slug, EventPath], Field(max_length=MOST_FIELDS)] = Field(default_factory=dict)
    only_if: dict[str, str] = Field(default_factory=dict)

    _one = exactly_one(
        *("token", "signature"),
        what="an event has either `token` or `signature`",
        hint="Name the secret: token: {secret: NAME}.",
    )

    def to_model(self) -> HttpEvent:
        raise_errors(
            (("only_if", name), f"there is no field `{name}` of the event", nearest(name, self.fields))
            for name in self.only_if
            if name not in self.fields
        )
        return HttpEvent(
            proof=Proof.SIGNATURE if self.token is None else Proof.TOKEN,
            secret=self.token or self.signature,  # type: ignore[arg-type] # it has one of them
            fields=tuple(EventField(name=name, path=query) for name, query in self.fields.items()),
            only_if=tuple(self.only_if.items()),
        )

    @classmethod
    def from_model(cls, value: HttpEvent) -> Self:
        return cls.without_defaults(
            **{value.proof.value: value.secret},
            fields={each.name: each.path for each in value.fields},
            only_if=dict(value.only_if),
        )


class AfterShape(Shape, model=AfterWorkflow):
    """Starts a run when a run of another workflow ends in one of these states."""

    workflow: Slug
    when: AtLeastOne[Annotated[RunState, Choices("succeeded", "failed", "cancelled")]] = (RunState.SUCCEEDED,)


class TriggerShape(Shape, model=Trigger):
    """What starts runs: a schedule, another workflow that finished, or an event."""

    schedule: Annotated[Schedule, written_as(ScheduleShape)] | None = None
    after: Annotated[AfterWorkflow, written_as(AfterShape)] | None = None
    event: Annotated[HttpEvent, written_as(EventShape)] | None = None

    _one = exactly_one(
        *("schedule", "after", "event"),
        what="a trigger is either `schedule`, `after` or `event`",
        hint="Write one list item for each.",
    )
