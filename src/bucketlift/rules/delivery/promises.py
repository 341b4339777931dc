"""Decides what each kind of destination promises for a repeated load, and which loads are unsafe because
their objects are deleted afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bucketlift.model.account import DestinationSettings, HttpDestination, QualtricsDestination
from bucketlift.model.delivery import Promise
from bucketlift.model.directory.data_targets import RecordsTarget
from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.load import Target
from bucketlift.model.workflow import Keep, Workflow


def promise_of(settings: DestinationSettings, target: Target) -> Promise:
    """What happens if a load into this destination is repeated."""
    if isinstance(settings, HttpDestination):
        return Promise.IDEMPOTENT if settings.idempotent else Promise.AT_LEAST_ONCE
    if isinstance(settings, QualtricsDestination):
        return _of_platform(settings, target)
    return Promise.EXACTLY_ONCE


def _of_platform(settings: QualtricsDestination, target: Target) -> Promise:
    """A repeat adds transactions again, and also contacts without merge rules and records without a key."""
    if isinstance(target, ContactsTarget):
        repeatable = settings.merges_contacts and target.transactions is None
    else:
        repeatable = not isinstance(target, RecordsTarget) or target.unique_field is not None
    return Promise.IDEMPOTENT if repeatable else Promise.AT_LEAST_ONCE


def described(settings: DestinationSettings) -> str:
    """Describe in words what happens if a load into this destination is repeated."""
    match settings:
        case HttpDestination(idempotent=True):
            return f"{Promise.IDEMPOTENT}: a repeated request is ignored by its key"
        case HttpDestination():
            return f"{Promise.AT_LEAST_ONCE}: after a lost answer, a person decides"
        case QualtricsDestination():
            return (
                f"{Promise.IDEMPOTENT}; {Promise.AT_LEAST_ONCE} for transactions, records without a key"
                + ("" if settings.merges_contacts else ", and contacts without `merges_contacts: true`")
            )
        case _:
            return Promise.EXACTLY_ONCE.value


@dataclass(frozen=True, slots=True)
class UnsafeLoad:
    """A load that may repeat rows, although the objects are deleted, moved or renamed after it."""

    load: str
    """The task ID of the load."""
    what: str
    hint: str


def unsafe_loads(workflow: Workflow, destinations: Mapping[str, DestinationSettings]) -> Iterator[UnsafeLoad]:
    """Yield the unsafe loads of a workflow, except loads whose settings accept repeated rows, and loads into an
    unknown destination.
    """
    for task in workflow.extracts:
        if isinstance(task.after_import, Keep):
            continue
        for load in workflow.loads_from(task.id):
            settings = destinations.get(load.destination)
            if settings is None or load.target.accept_at_least_once:
                continue
            if promise_of(settings, load.target) is Promise.AT_LEAST_ONCE:
                yield UnsafeLoad(
                    load.id,
                    f"`{load.id}` delivers rows at least once: after a lost answer, a row may be there twice, and "
                    f"`{task.id}` {task.after_import.action}s the object that could show it",
                    f"Write `accept_at_least_once: true` in the task `{load.id}` to allow it, or "
                    f"`after_import: keep`{_or_recognize_repeats(settings, load.target)}.",
                )


def _or_recognize_repeats(settings: DestinationSettings, target: Target) -> str:
    """The end of the hint: the setting with which the destination recognizes a repeat."""
    if isinstance(settings, HttpDestination):
        return (
            "; or, if the receiver ignores a repeated Idempotency-Key, `idempotent: true` in the destination"
        )
    if isinstance(target, RecordsTarget):
        return "; or name the `key` of the records"
    if isinstance(target, ContactsTarget) and target.transactions is None:
        return "; or, if the platform's directory has merge rules, `merges_contacts: true` in the destination"
    return ""
