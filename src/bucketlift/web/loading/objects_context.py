"""The additional values for the form of a load that writes files: PGP keys, and an example of a file's name."""

from __future__ import annotations

from typing import Any

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import DeliveredFile
from bucketlift.model.hold import Hold
from bucketlift.model.load import LoadId
from bucketlift.model.objects.file_format import ObjectCompression, ObjectFormat
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.rules import chain
from bucketlift.rules.objects.names import PLACEHOLDERS, check_template, object_name
from bucketlift.rules.workflow_key import key_of
from bucketlift.service.core.app import App
from bucketlift.service.destinations import destinations
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web.loading.objects_form import TEXT_FORMATS, YES, ObjectsForm

_LOAD = LoadId("k3hq2v7m5n6xj4p8r9t0a1b2c3")
"""The load of the example."""
_EXTENSION = ".csv"


def objects_context(app: App, place: TaskPosition, draft: Draft, form: ObjectsForm) -> dict[str, Any]:
    known = app.ledger.keys.all()
    source = _source_key(app, draft)
    return {
        "keys": {name: key.user_id for name, key in known.items()},
        "lost_keys": [name for name in form.recipients if name not in known],
        "placeholders": PLACEHOLDERS,
        "text_formats": TEXT_FORMATS,
        "yes": YES,
        "example_source": source,
        "example": _example(app, place, draft, form, source),
    }


def _example(app: App, place: TaskPosition, draft: Draft, form: ObjectsForm, source: str) -> str:
    """The name that the file for ``source`` would get; empty if the template has a problem."""
    task = place.task or chain.free_id(draft.document, key_of(form.name))
    file = DeliveredFile(load=_LOAD, claim=ClaimId(""), load_task=task, key=source, found_on=app.now().date())
    try:
        check_template(form.template)
        name = object_name(_target(form), file)
    except (RequestWrong, ValueError):
        return ""
    if isinstance(name, Hold):
        return ""
    known = app.ledger.catalog.destinations().get(form.to)
    if known is None:
        return name
    folder = destinations.place(known)
    return folder + name if folder.endswith("/") else f"{folder}/{name}"


def _target(form: ObjectsForm) -> ObjectsTarget:
    return ObjectsTarget(
        table=OBJECTS,
        columns=(),
        format=ObjectFormat(form.format),
        compression=ObjectCompression(form.compression),
        name=form.template,
        recipients=form.recipients,
    )


def _source_key(app: App, draft: Draft) -> str:
    """The key of a file of the workflow; an invented one if no run has found a file yet."""
    if known := app.ledger.claims.find(workflow=draft.key, limit=1):
        return known[0].source.key
    extracts = (task["extract"] for task in draft.document["tasks"] if "extract" in task)
    prefix = next((str(each.get("prefix", "")) for each in extracts), "")
    return f"{prefix}example{_EXTENSION}"
