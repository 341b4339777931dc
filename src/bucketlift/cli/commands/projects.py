"""The commands for workflow files: `validate`, `schema`, `plan`, `apply`, `export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from bucketlift.cli import output
from bucketlift.cli.opened import installation

if TYPE_CHECKING:
    from bucketlift.rules.renames import Question
    from bucketlift.service.projects.projects import Plan

Files = Annotated[list[Path], typer.Argument(help="Workflow files.")]


def add_to(tree: typer.Typer) -> None:
    tree.command("validate")(validate)
    tree.command("schema")(schema)
    tree.command("plan")(plan)
    tree.command("apply")(apply)
    tree.command("export")(export)


def validate(files: Files) -> None:
    """Validate workflow files, without network access or an installation."""
    from bucketlift.service.projects import projects

    found = projects.validate(files)
    if output.is_json():
        pairs = zip(files, found, strict=True)
        output.document({"valid": True, "files": [_validated(file, each) for file, each in pairs]})
        return
    for file, definition in zip(files, found, strict=True):
        flows = len(definition.workflows)
        number = f"{flows} workflow" if flows == 1 else f"{flows} workflows"
        output.text(f"{file}: valid ({number}, project {definition.project})")
        for note in definition.notes:
            output.text(f"  note: {note}")


def _validated(file: Path, definition: Any) -> dict[str, Any]:
    return {
        "file": str(file),
        "project": definition.project,
        "workflows": [each.key for each in definition.workflows],
        "notes": list(definition.notes),
    }


def schema() -> None:
    """Print the JSON Schema of a workflow file."""
    from bucketlift.schema.document import json_schema

    output.document(json_schema())


Prune = Annotated[
    bool,
    typer.Option(
        "--prune", help="Also remove accounts, destinations and workflows that the files no longer define."
    ),
]


def plan(files: Files, prune: Prune = False) -> None:
    """Show what applying workflow files would change."""
    from bucketlift.service.projects import projects

    with installation() as app:
        planned = projects.plan(app, files, prune=prune)
    _show(planned, applied=False)


def apply(
    files: Files,
    prune: Prune = False,
    yes: Annotated[bool, typer.Option("--yes", help="Remove without a prompt.")] = False,
) -> None:
    """Create and update the accounts, destinations and workflows of workflow files."""
    from bucketlift.service.projects import projects

    with installation() as app:
        answers: dict[tuple[str, str], str] = {}
        planned = projects.plan(app, files, prune=prune)
        while planned.questions and sys.stdin.isatty():
            answers |= _answered(planned)
            planned = projects.plan(app, files, prune=prune, answers=answers)
        if prune and planned.removals() and not planned.questions and not yes:
            _confirm(planned)
        projects.apply(app, planned, prune=prune)
    _show(planned, applied=True, pruned=prune)


def _answered(planned: Plan) -> dict[tuple[str, str], str]:
    """Ask, for each workflow and task that may have been renamed, for its former name. ``--yes`` does not
    skip these questions.
    """
    return {(each.workflow, each.task or ""): _former(each) for each in planned.questions}


def _former(question: Question) -> str:
    from bucketlift.rules.renames import NEW

    choices = [*question.like, NEW]
    output.note(f"{question.what} (line {question.line}). {question.consequence}")
    while True:
        name = str(typer.prompt(f"Its former name, or {NEW} if it is new ({', '.join(choices)})", err=True))
        if name in choices:
            return name


def _confirm(planned: Plan) -> None:
    from bucketlift.errors import RequestWrong

    names = ", ".join(f"{change.kind.value} {change.name}" for change in planned.removals())
    if not sys.stdin.isatty():
        raise RequestWrong(
            "This would remove accounts, destinations or workflows, and there is no terminal to confirm it",
            to=names,
            hint="Add --yes.",
        )
    if not typer.confirm(f"Remove {names}?", err=True):
        raise typer.Abort


def export(
    project: Annotated[str | None, typer.Option(help="The project. Not needed if there is only one.")] = None,
) -> None:
    """Print the workflow file of a project."""
    from bucketlift.service.projects import projects

    with installation() as app:
        text = projects.export(app, project)
    if output.is_json():
        output.document({"project": project, "file": text})
        return
    output.file([text, "" if text.endswith("\n") else "\n"])


def _show(planned: Plan, *, applied: bool, pruned: bool = False) -> None:
    changes = [
        {"project": each.project, "kind": each.kind.value, "name": each.name, "change": each.step.value}
        | ({"renamed_from": each.renamed_from} if each.renamed_from else {})
        for each in planned.changes
    ]
    if output.is_json():
        document = {"applied": applied, "pruned": pruned, "changes": changes, "notes": list(planned.notes)}
        output.document(document if applied else document | {"questions": _questions(planned)})
        return
    output.table(
        ["project", "kind", "name", "change"],
        [[each["project"], each["kind"], each["name"], _step(each)] for each in changes],
        empty="The files define no account, destination or workflow.",
    )
    for note in planned.notes:
        output.text(f"note: {note}")
    for question in planned.questions:
        asked = f"{question.what} (line {question.line}). {question.consequence} {question.hint}"
        output.text(f"question: {asked}")
    if planned.removals() and not pruned:
        output.text(
            "Accounts, destinations and workflows marked `remove` are kept. To remove them: bucketlift apply --prune"
        )


def _step(change: dict[str, str]) -> str:
    former = change.get("renamed_from")
    return f"{change['change']} (was {former})" if former else change["change"]


def _questions(planned: Plan) -> list[dict[str, Any]]:
    return [
        {
            "workflow": each.workflow,
            "task": each.task,
            "like": list(each.like),
            "line": each.line,
            "what": f"{each.what}. {each.consequence}",
            "hint": each.hint,
        }
        for each in planned.questions
    ]
