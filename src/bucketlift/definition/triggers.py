"""Triggers in the file: schedules, other workflows that finish, and events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.events import EventShape, event_form, http_event
from bucketlift.definition.problems import Path
from bucketlift.definition.schedules import ScheduleShape, schedule, schedule_form
from bucketlift.definition.shape import Shape, Slug, said
from bucketlift.model.lifecycle import RunState
from bucketlift.model.trigger import AfterWorkflow, OnEvent, OnFinish, OnSchedule, Trigger
from bucketlift.model.workflow import Workflow
from bucketlift.rules.following import circle, followed

Ended = Literal["succeeded", "failed", "cancelled"]


class AfterShape(Shape):
    """Starts when a run of another workflow ends in one of these states."""

    workflow: Slug
    when: list[Ended] = Field(default=["succeeded"], min_length=1)


class TriggerShape(Shape):
    """What starts runs: a schedule, another workflow that finished, or an event."""

    schedule: ScheduleShape | None = None
    after: AfterShape | None = None
    event: EventShape | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len([each for each in (self.schedule, self.after, self.event) if each is not None]) != 1:
            raise said("a trigger is either `schedule`, `after` or `event`", "Write one list item for each.")
        return self


def triggers(shapes: Sequence[TriggerShape], path: Path, compiling: Compiling) -> tuple[Trigger, ...]:
    """What is wrong is told, and left out."""
    made = (_trigger(shape, (*path, position), compiling) for position, shape in enumerate(shapes))
    return tuple(each for each in made if each is not None)


def _trigger(shape: TriggerShape, path: Path, compiling: Compiling) -> Trigger | None:
    if shape.schedule is not None:
        when = schedule(shape.schedule, (*path, "schedule"), compiling)
        return None if when is None else OnSchedule(schedule=when)
    if shape.event is not None:
        return OnEvent(event=http_event(shape.event, (*path, "event"), compiling))
    assert shape.after is not None  # noqa: S101 - the shape has one of them
    states = tuple(RunState(word) for word in dict.fromkeys(shape.after.when))
    return OnFinish(after=AfterWorkflow(workflow=shape.after.workflow, when=states))


def check_followed(
    workflows: Sequence[Workflow], installed: Sequence[Workflow], compiling: Compiling
) -> None:
    """Every workflow that another one waits for is there, and no circle comes of it."""
    known = {each.key: each for each in (*installed, *workflows)}
    told: set[str] = set()
    for each in workflows:
        for other in followed(each):
            compiling.installed(other, known, _path(each.key, other, compiling), "workflow")
        way = circle(each, known)
        if way and not told.intersection(way):
            told.update(way)
            compiling.wrong(_endless(way), _path(each.key, way[1], compiling), "It would never come to rest.")


def _endless(way: Sequence[str]) -> str:
    if len(way) == 2:
        return "a workflow cannot begin after itself"
    return f"these workflows begin after each other: {' after '.join(way)}"


def _path(workflow: str, other: str, compiling: Compiling) -> Path:
    """Where a workflow of the file says that it begins after another one."""
    path: Path = ("workflows", workflow, "triggers")
    said = [each.get("after", {}).get("workflow") for each in compiling.located.at(path)]
    return (*path, said.index(other), "after", "workflow")


def trigger_form(trigger: Trigger) -> dict[str, Any]:
    """A trigger as the file says it."""
    if isinstance(trigger, OnSchedule):
        return {"schedule": schedule_form(trigger.schedule)}
    if isinstance(trigger, OnEvent):
        return {"event": event_form(trigger.event)}
    after = trigger.after
    usual = after.when == (RunState.SUCCEEDED,)
    return {
        "after": {"workflow": after.workflow}
        | ({} if usual else {"when": [state.value for state in after.when]})
    }
