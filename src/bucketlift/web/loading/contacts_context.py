"""The additional values for the form of a load of contacts: the mailing lists of the directory, and notes on
changed merge rules.
"""

from __future__ import annotations

from functools import partial
from typing import Any

from bucketlift.errors import BucketliftError
from bucketlift.model.directory.targets import FLAGGED, MAX_RULES, contacts_target
from bucketlift.model.workflow import LoadTask
from bucketlift.service.core.app import App
from bucketlift.service.destinations.time_limit import LONGEST, within
from bucketlift.service.directory import people
from bucketlift.service.directory.changed_loads import note_on_unread, notes_on_load
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading.contacts_form import ContactsForm


def contacts_context(app: App, place: TaskPosition, form: ContactsForm) -> dict[str, Any]:
    return {
        "most_rules": MAX_RULES,
        "flagged": FLAGGED,
        "lists": _lists(app, form.to),
        "changes": _changes(app, place, form),
    }


def _lists(app: App, destination: str) -> list[str]:
    if not destination:
        return []
    try:
        return [each.name for each in within(LONGEST, people.opened(app, destination).lists)]
    except BucketliftError:
        return []  # The form shows the error with the fields of the directory.


def _changes(app: App, place: TaskPosition, form: ContactsForm) -> list[str]:
    """Notes on what the edited load means for the contacts in the directory, compared with the published
    load.
    """
    known = app.ledger.catalog.workflows().get(place.workflow)
    loads = () if known is None else known.workflow.loads
    before = next((each for each in loads if each.id == place.task), None)
    target = contacts_target((), [rule for rule in form.merge or () if rule], list=form.list or None)
    after = LoadTask(id=place.task or "", source=form.source, destination=form.to, target=target)
    try:
        return within(LONGEST, partial(notes_on_load, app, before, after))
    except BucketliftError as error:
        return [note_on_unread(form.to, error)]
