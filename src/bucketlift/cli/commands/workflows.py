"""The `workflows` commands: list, show, enable, disable and delete workflows."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

group = typer.Typer(help="Show, enable, disable and delete workflows.")


def _brief(definition: Any, now: datetime) -> dict[str, Any]:
    from bucketlift.schema.shape import to_mapping
    from bucketlift.service.workflows.schedules import next_runs, triggers_in_words

    workflow = definition.workflow
    (*_, soonest) = (None, *next_runs(workflow, now, 1))
    return {
        "key": workflow.key,
        "title": workflow.title,
        "project": workflow.project,
        "tags": list(workflow.tags),
        "version": definition.version,
        "enabled": workflow.enabled,
        "triggers": [to_mapping(each) for each in workflow.triggers],
        "begins": list(triggers_in_words(workflow)),
        "next_run": soonest and soonest.isoformat(),
    }


@group.command("list")
def list_() -> None:
    """List workflows."""
    with installation() as app:
        found = [_brief(each, app.now()) for each in app.ledger.catalog.workflows().values()]
    if output.is_json():
        output.document({"workflows": found})
        return
    output.table(
        ["key", "title", "project", "version", "enabled", "begins", "next run"],
        [
            [
                each["key"],
                each["title"],
                each["project"],
                each["version"],
                "yes" if each["enabled"] else "no",
                "; ".join(each["begins"]),
                output.moment(each["next_run"]),
            ]
            for each in found
        ],
        whole=("key", "version", "enabled"),
        empty="No workflow yet. To start: bucketlift init",
    )


@group.command()
def show(key: str) -> None:
    """Show the newest version of a workflow."""
    from bucketlift.ledger.db.json_codec import dump
    from bucketlift.model.workflow import Workflow
    from bucketlift.rules.take import contracts_of
    from bucketlift.schema.shape import to_mapping
    from bucketlift.service.workflows.schedules import next_runs

    with installation() as app:
        definition, now = app.ledger.catalog.workflow(key), app.now()
    coming = [each.isoformat() for each in next_runs(definition.workflow, now)]
    shown = _brief(definition, now) | {
        "next_runs": coming,
        "contracts": contracts_of(definition.workflow),
        "tasks": dump(Workflow, definition.workflow)["tasks"],
        "notify": [to_mapping(each) for each in definition.workflow.notify],
    }
    if output.is_json():
        output.document(shown)
        return
    tasks, contracts = shown.pop("tasks"), shown.pop("contracts")
    del shown["triggers"], shown["next_run"]
    shown["next_runs"] = [output.moment(each) for each in coming]
    shown["notify"] = [_notify(each) for each in shown["notify"]]
    output.details(shown.items())
    for task in tasks:
        contract = contracts.get(task["id"])
        output.text(f"task {task['id']}: {task['kind']}" + (f", contract {contract}" if contract else ""))


def _notify(notify: dict[str, Any]) -> str:
    """Describe an entry of ``notify``, as in ``failed, held: email hr@example.com``."""
    to = [f"{name} {value}" for name, value in notify.items() if name not in ("when", "expected")]
    return f"{', '.join(notify['when'])}: {', '.join(to)}"


@group.command()
def enable(key: str) -> None:
    """Enable a workflow's triggers."""
    _switch(key, enabled=True)


@group.command()
def disable(key: str) -> None:
    """Disable a workflow's triggers; `bucketlift run` still runs it."""
    _switch(key, enabled=False)


def _switch(key: str, *, enabled: bool) -> None:
    from bucketlift.service.workflows import switching

    with installation() as app:
        before = app.ledger.catalog.workflow(key).workflow if enabled else None
        app.ledger.catalog.enable(key, enabled=enabled, now=app.now())
        reaches = switching.several_folders(app, before) if before is not None else ()
    if output.is_json():
        document = {"key": key, "enabled": enabled}
        output.document(
            document | ({"folders": {task: each.listed() for task, each in reaches}} if reaches else {})
        )
        return
    output.text(f"{key} is {'enabled' if enabled else 'disabled'}.")
    for task, reach in reaches:
        output.text(
            f"  {task}: prefix {output.safe(reach.prefix)} does not end in / and reaches several folders: "
            f"{output.safe(reach)}"
        )


@group.command()
def delete(
    key: str,
    yes: Annotated[bool, typer.Option("--yes", help="Delete without a prompt.")] = False,
) -> None:
    """Delete a workflow; its history is kept."""
    from bucketlift.errors import RequestWrong
    from bucketlift.ledger.workflows.catalog import Removed

    with installation() as app:
        app.ledger.catalog.require(key)
        waiting = app.ledger.outbox.count(key)
        if waiting:
            raise RequestWrong(
                f"{waiting} loaded files of the workflow still wait for their action",
                to=key,
                hint=f"Run it once more (bucketlift run {key}), or ignore the files. Then delete the workflow.",
            )
        if not yes and not typer.confirm(f"Delete workflow {key}? Its history is kept.", err=True):
            raise typer.Abort
        app.ledger.catalog.save(removed=Removed(workflows=(key,)), now=app.now())
    if output.is_json():
        output.document({"key": key, "deleted": True})
        return
    output.text(f"{key} is deleted; its history is kept.")
