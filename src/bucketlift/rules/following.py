"""Finds the workflows after which a workflow starts, and checks that they form no cycle."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.model.trigger import OnFinish
from bucketlift.model.workflow import Workflow


def followed(workflow: Workflow) -> tuple[str, ...]:
    """The keys of the workflows after which this workflow starts."""
    return tuple(each.after.workflow for each in workflow.triggers if isinstance(each, OnFinish))


def circle(workflow: Workflow, known: Mapping[str, Workflow]) -> tuple[str, ...]:
    """The cycle from this workflow back to itself, in which each workflow starts after the next one. Empty if
    there is no cycle.
    """
    ways: list[tuple[str, ...]] = [(workflow.key,)]
    seen: set[str] = set()
    while ways:
        way = ways.pop()
        for other in followed(known[way[-1]]) if way[-1] in known else ():
            if other == workflow.key:
                return (*way, other)
            if other not in seen:
                seen.add(other)
                ways.append((*way, other))
    return ()
