"""Notes on what changed loads of contacts mean for the contacts that are already in the directory."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bucketlift.errors import BucketliftError
from bucketlift.model.account import DirectoryDestination
from bucketlift.model.directory.targets import CONTACTS, ContactsTarget
from bucketlift.model.workflow import LoadTask, Workflow
from bucketlift.rules.directory.changed_loads import KnownContacts, notes_on_change
from bucketlift.service.core.app import App
from bucketlift.service.directory import people


def notes_on_workflow(app: App, workflow: Workflow) -> Iterator[str]:
    """Yield notes on the loads that differ from the applied workflow. Each note starts with the names of the
    workflow and the task.
    """
    known = app.ledger.catalog.workflows().get(workflow.key)
    before = {} if known is None else {each.id: each for each in known.workflow.loads}
    for load in workflow.loads:
        former = before.get(load.id)
        if former is not None and (former.target, former.destination) == (load.target, load.destination):
            continue
        for note in notes_on_load(app, former, load):
            yield f"workflow `{workflow.key}`, task `{load.id}`: {note}"


def with_notes(app: App, workflow: Workflow, looked: dict[str, Any]) -> dict[str, Any]:
    """The summary of a dry run, with notes on each load of contacts."""
    known = app.ledger.catalog.workflows().get(workflow.key)
    before = {} if known is None else {each.id: each for each in known.workflow.loads}
    notes = {each.id: notes_on_load(app, before.get(each.id), each) for each in workflow.loads}
    tasks = [
        task | {"notes": notes[task["id"]]} if notes.get(task["id"]) else task for task in looked["tasks"]
    ]
    return looked | {"tasks": tasks}


def notes_on_load(app: App, before: LoadTask | None, after: LoadTask) -> list[str]:
    """Notes on a changed load. There are none if the load does not load contacts, or if the directory is not
    in the installation yet.
    """
    destination = app.ledger.catalog.destinations().get(after.destination)
    if (
        not isinstance(after.target, ContactsTarget)
        or destination is None
        or not isinstance(destination.settings, DirectoryDestination)
    ):
        return []
    former = None
    if before is not None and before.destination == after.destination:
        former = before.target if isinstance(before.target, ContactsTarget) else None
    try:
        return notes_on_change(former, after.target, _known(app, after.destination, after.target))
    except BucketliftError as error:
        return [note_on_unread(after.destination, error)]


def note_on_unread(directory: str, error: BucketliftError) -> str:
    """The note on a load whose directory cannot be read."""
    return (
        f"The directory {directory} cannot be read now ({error.what}), so what the merge rules mean for its contacts is "
        "not known"
    )


def _known(app: App, name: str, target: ContactsTarget) -> KnownContacts:
    directory = people.opened(app, name)
    return KnownContacts(
        contacts=directory.counts()[CONTACTS],
        lists=[each.name for each in directory.lists()],
        rules=directory.rule_facts(target.merge or ()),
    )
