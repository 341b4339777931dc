"""Decides what each kind of destination promises for a repeated load, and which loads are unsafe because
their objects are deleted afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from bucketlift.model.account import DestinationSettings, HttpDestination, QualtricsDestination
from bucketlift.model.delivery import Promise
from bucketlift.model.directory.data_targets import RecordsTarget
from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.load import Target
from bucketlift.model.workflow import ExtractTask, Keep, LoadTask, Workflow


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


def unaccepted(
    workflow: Workflow, destinations: Mapping[str, DestinationSettings]
) -> Iterator[tuple[LoadTask, ExtractTask]]:
    """Yield the loads that may repeat rows, although the task deletes, moves or renames the objects after the
    load.

    Loads are left out if their settings accept repeated rows, or if their destination is unknown.
    """
    for task in workflow.extracts:
        if isinstance(task.after_import, Keep):
            continue
        for load in workflow.loads_from(task.id):
            settings = destinations.get(load.destination)
            if settings is None or load.target.accept_at_least_once:
                continue
            if promise_of(settings, load.target) is Promise.AT_LEAST_ONCE:
                yield load, task
