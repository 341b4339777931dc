"""What the demo lacks and the page can show: a workflow made on the page, an account that is begun, people."""

from __future__ import annotations

from typing import Any

from bucketlift.demo.project import ACCOUNT, ROLE
from bucketlift.loaders.directory import DirectoryLoader
from bucketlift.loaders.directory import Place as DirectoryPlace
from bucketlift.model.account import (
    AwsRole,
    Destination,
    DirectoryDestination,
    HttpDestination,
    LocalFolder,
)
from bucketlift.model.load import LoadId, LoadUnit
from bucketlift.model.user import Role, User
from bucketlift.service.accounts import connecting
from bucketlift.service.core.app import App
from bucketlift.service.destinations import destinations
from bucketlift.service.editor import drafts, extracts
from bucketlift.service.editor.samples import take
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.service.people import people
from bucketlift.testing.s3server import S3Server
from contract.directories import rows, some_contacts

TITLE = "New staff"
SAMPLE = b"UniqueID,FirstName,LastName,StartDate\n1,Ada,Berg,2026-01-05\n2,Bo,\xc3\x87elik,2026-02-01\n"
EXTRACT = {
    "kind": "s3",
    "account": ACCOUNT,
    "bucket": "demo-drop",
    "prefix": "staff/",
    "columns": ["UniqueID", "FirstName", "LastName", "StartDate"],
    "fields": {"StartDate": {"type": "date", "format": "%Y-%m-%d"}},
    "after_import": {"action": "move", "bucket": "demo-archive", "prefix": "loaded/"},
}
SCHEDULE = {"cron": "0 2 * * *", "timezone": "America/Denver"}
PEOPLE = {"from": "files", "to": "colleagues"}
TASKS: list[dict[str, Any]] = [
    {"id": "files", "extract": EXTRACT},
    {"id": "enough", "condition": {"all": ["files.rows > 0"], "then": ["people"], "else": []}},
    {
        "id": "people",
        "load": {"from": "files", "to": "warehouse", "table": "staff", "mode": "upsert", "key": ["UniqueID"]},
    },
    {
        "id": "contacts",
        "load_contacts": {
            **PEOPLE,
            "list": "All staff",
            "map": {"UniqueID": ["ExternalReference"]},
            "merge": [["ExternalReference"], ["FirstName", "LastName"]],
            "transactions": {"date": {"field": "StartDate"}, "fields": ["UniqueID"]},
        },
    },
    {"id": "employees", "load_employees": {**PEOPLE, "key": "UniqueID", "map": {"StartDate": ["Email"]}}},
    {"id": "answers", "load_responses": {**PEOPLE, "survey": "SV_1", "map": {"StartDate": ["RecordedDate"]}}},
    {"id": "records", "load_records": {**PEOPLE, "project": "staff-2027", "key": "UniqueID"}},
    {"id": "post", "load_rows": {"from": "files", "to": "hook", "accept_at_least_once": True}},
    {
        "id": "export",
        "load_objects": {"from": "files", "to": "exports", "format": "csv", "dialect": {"bom": True}},
    },
]


def deliver_staff(app: App, s3: S3Server) -> None:
    """Files for the workflow below, and a role that may do more than the demo's workflows need."""
    s3.put("demo-drop", "staff/2026-03.csv", SAMPLE)
    settings = app.ledger.catalog.account(ACCOUNT).settings
    assert isinstance(settings, AwsRole)
    s3.make_role(ROLE, settings.external_id, [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])


def furnish(app: App, somebody: User) -> dict[str, list[str]]:
    """Make it all; what stands where the addresses of its pages vary."""
    directory = _fill_directory(app)
    receiver = HttpDestination(url="https://example.com/rows")
    for name, settings in (("hook", receiver), ("exports", LocalFolder(path=str(app.home)))):
        destinations.add(app, Destination(name=name, settings=settings))
    made = drafts.create(app, "schedule", by=somebody.name)
    flow = drafts.change(app, made, _filled, by=somebody.name).key
    _leave_half_filled(app, flow)
    person = people.add(app, "grace@example.com", Role.EDITOR, by=somebody.name)
    return {
        "workflow": [flow],
        "task": [task["id"] for task in TASKS],
        "position": ["0", "1"],
        "begun": [connecting.begin(app, somebody).id],
        "account": [ACCOUNT],
        "person": [person.id],
        "name": [directory, "warehouse"],
    }


def _fill_directory(app: App) -> str:
    """The name of a directory with two contacts in a mailing list."""
    file = app.home / "colleagues.sqlite"
    destinations.add(app, Destination(name="colleagues", settings=DirectoryDestination(path=str(file))))
    load = LoadId("colleagues")
    unit = LoadUnit(target=some_contacts(["ExternalReference"], list="All staff"), loads=(load,))
    with DirectoryLoader(place=DirectoryPlace(path=file), installation="ours").begin(unit) as opened:
        opened.write(load, rows(("1", "Ada", "ada@example.com"), ("2", "Grace <b>", "")))
        opened.commit()
    return "colleagues"


def _filled(document: dict[str, Any]) -> dict[str, Any]:
    triggers = [{"schedule": SCHEDULE}, {"after": {"workflow": "employees"}}]
    return {**document, "title": TITLE, "triggers": triggers, "tasks": TASKS}


def _leave_half_filled(app: App, flow: str) -> None:
    """A wizard that somebody left after the sample was uploaded."""
    place = TaskPosition(workflow=flow, task="files", after="")
    half = extracts.find(app, place)
    sample = take(app, half["extract"], name="staff.csv", content=SAMPLE)
    extracts.keep(app, place, {**half, "sample": sample})
