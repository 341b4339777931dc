"""Validates, plans, applies and exports workflow files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any

from bucketlift.definition.compile.definition import Definition, Installed, read_definition
from bucketlift.definition.compile.renames import TaskName
from bucketlift.definition.export import export as export_definition
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.catalog import Removed
from bucketlift.ledger.workflows.renaming import Renamed
from bucketlift.model.account import Account, AwsRole, Destination
from bucketlift.model.trigger import OnEvent
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.rules.following import followed
from bucketlift.rules.renames import Question
from bucketlift.service.accounts.accounts import require_allowed
from bucketlift.service.core.app import App
from bucketlift.service.core.doubled_loads import readable_url
from bucketlift.service.core.fleet import refuse_unreachable
from bucketlift.service.directory.changed_loads import notes_on_workflow
from bucketlift.service.ops.notices import without_mail_server
from bucketlift.service.secrets.keys import expiring

Named = Account | Destination | Workflow


class Kind(StrEnum):
    ACCOUNT = "account"
    DESTINATION = "destination"
    WORKFLOW = "workflow"


class Step(StrEnum):
    """What the application of a file does to one account, destination or workflow."""

    CREATE = "create"
    UPDATE = "update"
    RENAME = "rename"
    """Rename the workflow, and update it if other settings differ."""
    UNCHANGED = "unchanged"
    REMOVE = "remove"
    """Remove what the file does not contain any more; only with --prune."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    project: str
    kind: Kind
    name: str
    step: Step
    renamed_from: str | None = None
    """The former key of the workflow if it is renamed; otherwise None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The changes that the application of files would make, and notes on them."""

    definitions: tuple[Definition, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    """Workflows and tasks that may be renamed ones. Nothing is applied until each question is answered."""

    def removals(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.step is Step.REMOVE)


def validate(paths: Sequence[Path]) -> tuple[Definition, ...]:
    """Check workflow files without an installation and without the network."""
    return tuple(read_definition(path) for path in paths)


def plan(
    app: App, paths: Sequence[Path], *, prune: bool = False, answers: Mapping[TaskName, str] | None = None
) -> Plan:
    """Compute the changes that applying these files would make. Reads the files, their samples, and the
    directories of changed loads.

    ``answers``: answers to the questions of an earlier plan, as values of ``renamed_from``; the task ID is
    empty for a workflow.

    Raises:
        RequestWrong: a file is not valid, or contains something that another project owns.
    """
    definitions: list[Definition] = []
    for path in paths:
        known = replace(installed(app, definitions), prune=prune, answers=answers or {})
        definitions.append(read_definition(path, known))
    _refuse_same_project(definitions)
    for definition in definitions:
        refuse_unreachable(app, definition.destinations)
        for account in definition.accounts:
            require_allowed(account, ambient=app.allow_ambient_aws)
    changes = [change for definition in definitions for change in _changes(app, definition)]
    notes = [note for definition in definitions for note in definition.notes]
    notes += expiring(app, (flow for definition in definitions for flow in definition.workflows))
    notes += without_mail_server(app, (flow for definition in definitions for flow in definition.workflows))
    notes += [note for definition in definitions for note in _notes_on_renames(app, definition)]
    flows = (flow for definition in definitions for flow in definition.workflows)
    notes += [note for flow in flows for note in notes_on_workflow(app, flow)]
    return Plan(
        definitions=tuple(definitions),
        changes=tuple(changes),
        notes=tuple(notes),
        questions=tuple(each for definition in definitions for each in definition.questions),
    )


def apply(app: App, planned: Plan, *, prune: bool) -> None:
    """Create and update what the files contain; with ``prune``, remove what they no longer contain.

    Raises:
        RequestWrong: a question is not answered, or a rename is not possible now; nothing is changed.
    """
    for question in planned.questions:
        to = f"line {question.line}, {question.subject}"
        raise RequestWrong(question.what, to=to, hint=question.hint)
    removed: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for change in planned.removals() if prune else ():
        removed[change.kind].append(change.name)
    app.ledger.catalog.save(
        accounts=tuple(each for definition in planned.definitions for each in definition.accounts),
        destinations=tuple(each for definition in planned.definitions for each in definition.destinations),
        workflows=tuple(each for definition in planned.definitions for each in definition.workflows),
        removed=Removed(
            accounts=tuple(removed[Kind.ACCOUNT]),
            destinations=tuple(removed[Kind.DESTINATION]),
            workflows=tuple(removed[Kind.WORKFLOW]),
        ),
        renamed=_renamed(planned.definitions),
        now=app.now(),
    )


def _renamed(definitions: Iterable[Definition]) -> Renamed:
    flows: dict[str, str] = {}
    tasks: dict[str, dict[str, str]] = {}
    for definition in definitions:
        flows |= definition.renames.workflows
        for (flow, task), former in definition.renames.tasks.items():
            tasks.setdefault(flow, {})[task] = former
    return Renamed(workflows=flows, tasks=tasks)


def _notes_on_renames(app: App, definition: Definition) -> Iterator[str]:
    """Yield notes on what a rename changes outside of the file."""
    flows = {each.key: each for each in definition.workflows}
    for (flow, task), former in definition.renames.tasks.items():
        yield f"task `{former}` of workflow `{flow}` becomes `{task}`; its history stays"
    for new, former in definition.renames.workflows.items():
        if any(isinstance(each, OnEvent) for each in flows[new].triggers):
            yield f"events of `{former}` are now sent to /events/{new}; /events/{former} no longer starts a run"
        for other in app.ledger.catalog.readable():
            if former in followed(other) and other.project != definition.project:
                owner = f"; change the file of project {other.project} too" if other.project else ""
                yield f"workflow `{other.key}` starts after `{former}`, and from now on after `{new}`{owner}"


def export(app: App, project: str | None) -> str:
    """The workflow file of a project. ``project`` may be None if there is only one project.

    Samples are written to the home, so that the file can be applied unchanged.
    """
    project = project or _only_project(app)
    definition = Definition(
        project=project,
        accounts=tuple(each for each in app.ledger.catalog.accounts().values() if each.project == project),
        destinations=tuple(
            each for each in app.ledger.catalog.destinations().values() if each.project == project
        ),
        workflows=tuple(each for each in app.ledger.catalog.all() if each.project == project),
    )
    if not (definition.accounts or definition.destinations or definition.workflows):
        raise NotFound(
            "There is no project with this name", to=project, hint=f"Known: {', '.join(_projects(app))}."
        )
    return export_definition(definition, lambda workflow, task: str(_sample(app, workflow, task)))


def _sample(app: App, workflow: str, task: ExtractTask) -> Path:
    from bucketlift.definition.export import sample_header  # noqa: PLC0415 - needed only for an export

    path = app.home / "samples" / f"{workflow}.{task.id}.{task.file_type.value}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(sample_header(task.contract), encoding="utf-8", newline="")
    return path


def _projects(app: App) -> list[str]:
    named: Iterable[Named] = (
        *app.ledger.catalog.accounts().values(),
        *app.ledger.catalog.destinations().values(),
        *app.ledger.catalog.readable(),
    )
    return sorted({each.project for each in named if each.project is not None})


def _only_project(app: App) -> str:
    projects = _projects(app)
    if len(projects) == 1:
        return projects[0]
    known = ", ".join(projects) or "none; apply a workflow file first"
    raise RequestWrong("There is no project, or more than one", hint=f"Add --project P. Known: {known}.")


def installed(app: App, before: Sequence[Definition] = ()) -> Installed:
    """What a file may refer to: the objects of the installation, and of the files that are applied before it."""
    accounts = {name: each.settings for name, each in app.ledger.catalog.accounts().items()}
    destinations = {name: each.settings for name, each in app.ledger.catalog.destinations().items()}
    workflows = {each.key: each for each in app.ledger.catalog.readable()}
    removed = {each.key: each for each in app.ledger.catalog.removed()}
    for definition in before:
        for former in definition.renames.workflows.values():
            workflows.pop(former, None)
            removed.pop(former, None)
        accounts |= {each.name: each.settings for each in definition.accounts}
        destinations |= {each.name: each.settings for each in definition.destinations}
        workflows |= {each.key: each for each in definition.workflows}
    return Installed(
        accounts=accounts,
        destinations=destinations,
        workflows=tuple(workflows.values()),
        removed=tuple(removed.values()),
        keys={name: key.kind for name, key in app.ledger.keys.all().items()},
        url_of=partial(readable_url, app),
    )


def _changes(app: App, definition: Definition) -> list[Change]:
    flows = {each.key: each for each in app.ledger.catalog.all(mending=definition.project)}
    accounts = {
        name: _without_external_id(account) for name, account in app.ledger.catalog.accounts().items()
    }
    kinds: tuple[tuple[Kind, Mapping[str, Any], Mapping[str, Any]], ...] = (
        (Kind.ACCOUNT, {each.name: each for each in definition.accounts}, accounts),
        (
            Kind.DESTINATION,
            {each.name: each for each in definition.destinations},
            app.ledger.catalog.destinations(),
        ),
        (Kind.WORKFLOW, {each.key: each for each in definition.workflows}, flows),
    )
    changes = []
    renamed = definition.renames.workflows
    for kind, wanted, known in kinds:
        former_names = renamed if kind is Kind.WORKFLOW else {}
        for name, value in wanted.items():
            _refuse_foreign(definition.project, kind, name, known.get(name))
            former = former_names.get(name)
            step = _step(value, known.get(name)) if former is None else Step.RENAME
            changes.append(
                Change(project=definition.project, kind=kind, name=name, step=step, renamed_from=former)
            )
        changes.extend(
            Change(project=definition.project, kind=kind, name=name, step=Step.REMOVE)
            for name, value in known.items()
            if value.project == definition.project and name not in {*wanted, *former_names.values()}
        )
    return changes


def _without_external_id(account: Account) -> Account:
    """The account as it is written in a file, without the generated external ID."""
    if isinstance(account.settings, AwsRole):
        return replace(account, settings=replace(account.settings, external_id=""))
    return account


def _step(wanted: Named, known: Named | None) -> Step:
    if known is None:
        return Step.CREATE
    return Step.UNCHANGED if known == wanted else Step.UPDATE


def _refuse_foreign(project: str, kind: Kind, name: str, known: Named | None) -> None:
    """Refuse a name that another project or the page owns. Accounts and destinations that a command added can
    be taken over.
    """
    if isinstance(known, Workflow) and known.project is None:
        raise RequestWrong(
            "This workflow is managed on the page: it was created there, or detached from its file",
            to=name,
            hint="Remove the workflow from the file, or delete it on the page (its history stays) and apply the file again.",
        )
    if known is not None and known.project not in (None, project):
        raise RequestWrong(
            f"This {kind.value} belongs to project {known.project}",
            to=name,
            hint=f"Names are unique in the installation: choose another name, or remove it from {known.project}.",
        )


def _refuse_same_project(definitions: Sequence[Definition]) -> None:
    seen: set[str] = set()
    for definition in definitions:
        if definition.project in seen:
            raise RequestWrong(
                "Two files have the same project",
                to=definition.project,
                hint="Each project needs its own file: change `project` in one of them, or merge the files.",
            )
        seen.add(definition.project)
