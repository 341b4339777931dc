"""What the demo lacks and the page can show: a workflow made on the page, an account that is begun, people."""

from __future__ import annotations

from typing import Any

from bucketlift.model.user import Role, User
from bucketlift.service import connecting, drafts, extracts, people
from bucketlift.service.app import App
from bucketlift.service.samples import take

TITLE = "New staff"
SAMPLE = b"UniqueID,FirstName,LastName,StartDate\n1,Ada,Berg,2026-01-05\n2,Bo,\xc3\x87elik,2026-02-01\n"
EXTRACT = {
    "kind": "s3",
    "account": "demo",
    "bucket": "demo-drop",
    "prefix": "staff/",
    "columns": ["UniqueID", "FirstName", "LastName", "StartDate"],
    "fields": {"StartDate": {"type": "date", "format": "%Y-%m-%d"}},
    "after_import": {"action": "move", "bucket": "demo-archive", "prefix": "staff/"},
}
SCHEDULE = {"cron": "0 2 * * *", "timezone": "America/Denver"}
TASKS = [
    {"id": "files", "extract": EXTRACT},
    {"id": "enough", "condition": {"all": ["files.rows > 0"], "then": ["people"], "else": []}},
    {
        "id": "people",
        "load": {"from": "files", "to": "warehouse", "table": "staff", "mode": "upsert", "key": ["UniqueID"]},
    },
]


def furnish(app: App, somebody: User) -> dict[str, list[str]]:
    """Make it all; what stands where the addresses of its pages vary."""
    made = drafts.create(app, "schedule", by=somebody.name)
    flow = drafts.change(app, made, _filled, by=somebody.name).key
    _leave_half_filled(app, flow)
    person = people.add(app, "grace@example.com", Role.EDITOR, by=somebody.name)
    return {
        "workflow": [flow],
        "task": ["files", "enough", "people"],
        "position": ["0", "1"],
        "begun": [connecting.begin(app, somebody).id],
        "account": ["demo"],
        "person": [person.id],
    }


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    triggers = [{"schedule": SCHEDULE}, {"after": {"workflow": "employees"}}]
    return {**document, "title": TITLE, "triggers": triggers, "tasks": TASKS}


def _leave_half_filled(app: App, flow: str) -> None:
    """A wizard that somebody left after the sample was uploaded."""
    place = extracts.Place(workflow=flow, task="files", after="")
    half = extracts.find(app, place)
    sample = take(app, half["extract"], name="staff.csv", content=SAMPLE)
    extracts.keep(app, place, {**half, "sample": sample})
