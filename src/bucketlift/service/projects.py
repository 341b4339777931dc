"""Workflow files: look at them, see what they would change, apply them, write them out again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

from bucketlift.definition.compile import Definition, Installed, read_definition
from bucketlift.definition.export import export as export_definition
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.catalog import Removed
from bucketlift.model.account import Account, AwsRole, Destination
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.service.accounts import require_allowed
from bucketlift.service.app import App
from bucketlift.service.fleet import refuse_unreachable
from bucketlift.service.keys import expiring
from bucketlift.service.notices import without_mail_server

Named = Account | Destination | Workflow


class Kind(StrEnum):
    ACCOUNT = "account"
    DESTINATION = "destination"
    WORKFLOW = "workflow"


class Step(StrEnum):
    """What applying a file does to one of its names."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    REMOVE = "remove"
    """Only with --prune."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    project: str
    kind: Kind
    name: str
    step: Step


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What applying these files would do, and what could not be checked."""

    definitions: tuple[Definition, ...]
    changes: tuple[Change, ...]
    notes: tuple[str, ...] = ()

    def removals(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.step is Step.REMOVE)


def validate(paths: Sequence[Path]) -> tuple[Definition, ...]:
    """Check files by themselves: no state, no network."""
    return tuple(read_definition(path) for path in paths)


def plan(app: App, paths: Sequence[Path]) -> Plan:
    """What applying the files would change; reads the files and their samples only.

    Raises:
        RequestWrong: a file is wrong, or names what another project owns.
    """
    definitions: list[Definition] = []
    for path in paths:
        definitions.append(read_definition(path, installed(app, definitions)))
    _refuse_same_project(definitions)
    for definition in definitions:
        refuse_unreachable(app, definition.destinations)
        for account in definition.accounts:
            require_allowed(account, ambient=app.allow_ambient_aws)
    changes = [change for definition in definitions for change in _changes(app, definition)]
    notes = [note for definition in definitions for note in definition.notes]
    notes += expiring(app, (flow for definition in definitions for flow in definition.workflows))
    notes += without_mail_server(app, (flow for definition in definitions for flow in definition.workflows))
    return Plan(definitions=tuple(definitions), changes=tuple(changes), notes=tuple(notes))


def apply(app: App, planned: Plan, *, prune: bool) -> None:
    """Create and update what the files name; with ``prune``, remove what they no longer name."""
    removed: dict[Kind, list[str]] = {kind: [] for kind in Kind}
    for change in planned.removals() if prune else ():
        removed[change.kind].append(change.name)
    app.catalog.save(
        accounts=tuple(each for definition in planned.definitions for each in definition.accounts),
        destinations=tuple(each for definition in planned.definitions for each in definition.destinations),
        workflows=tuple(each for definition in planned.definitions for each in definition.workflows),
        removed=Removed(
            accounts=tuple(removed[Kind.ACCOUNT]),
            destinations=tuple(removed[Kind.DESTINATION]),
            workflows=tuple(removed[Kind.WORKFLOW]),
        ),
        now=app.now(),
    )


def export(app: App, project: str | None) -> str:
    """The file of a project, or of the only one there is.

    Samples are written to the home, so that the file can be planned and applied as it stands.
    """
    project = project or _only_project(app)
    definition = Definition(
        project=project,
        accounts=tuple(each for each in app.catalog.accounts().values() if each.project == project),
        destinations=tuple(each for each in app.catalog.destinations().values() if each.project == project),
        workflows=tuple(each for each in app.catalog.all() if each.project == project),
    )
    if not (definition.accounts or definition.destinations or definition.workflows):
        raise NotFound(
            "There is no project of this name", to=project, hint=f"Known: {', '.join(_projects(app))}."
        )
    return export_definition(definition, lambda workflow, task: str(_sample(app, workflow, task)))


def _sample(app: App, workflow: str, task: ExtractTask) -> Path:
    from bucketlift.definition.export import sample_header  # noqa: PLC0415 - only where something is exported

    path = app.home / "samples" / f"{workflow}.{task.id}.{task.file_type.value}"
    path.parent.mkdir(exist_ok=True)
    path.write_text(sample_header(task.contract), encoding="utf-8", newline="")
    return path


def _projects(app: App) -> list[str]:
    named: Iterable[Named] = (
        *app.catalog.accounts().values(),
        *app.catalog.destinations().values(),
        *app.catalog.readable(),
    )
    return sorted({each.project for each in named if each.project is not None})


def _only_project(app: App) -> str:
    projects = _projects(app)
    if len(projects) == 1:
        return projects[0]
    known = ", ".join(projects) or "none; apply a workflow file first"
    raise RequestWrong("Say which project", hint=f"--project P. Known: {known}.")


def installed(app: App, before: Sequence[Definition] = ()) -> Installed:
    """What a file may refer to beyond itself: the installation, and the files named before it."""
    accounts = {name: each.settings for name, each in app.catalog.accounts().items()}
    destinations = {name: each.settings for name, each in app.catalog.destinations().items()}
    workflows = {each.key: each for each in app.catalog.readable()}
    for definition in before:
        accounts |= {each.name: each.settings for each in definition.accounts}
        destinations |= {each.name: each.settings for each in definition.destinations}
        workflows |= {each.key: each for each in definition.workflows}
    return Installed(
        accounts=accounts,
        destinations=destinations,
        workflows=tuple(workflows.values()),
        keys={name: key.kind for name, key in app.keys.all().items()},
    )


def _changes(app: App, definition: Definition) -> list[Change]:
    flows = {each.key: each for each in app.catalog.all(mending=definition.project)}
    accounts = {name: _bare(account) for name, account in app.catalog.accounts().items()}
    kinds: tuple[tuple[Kind, Mapping[str, Any], Mapping[str, Any]], ...] = (
        (Kind.ACCOUNT, {each.name: each for each in definition.accounts}, accounts),
        (
            Kind.DESTINATION,
            {each.name: each for each in definition.destinations},
            app.catalog.destinations(),
        ),
        (Kind.WORKFLOW, {each.key: each for each in definition.workflows}, flows),
    )
    changes = []
    for kind, wanted, known in kinds:
        for name, value in wanted.items():
            _refuse_foreign(definition.project, kind, name, known.get(name))
            changes.append(
                Change(project=definition.project, kind=kind, name=name, step=_step(value, known.get(name)))
            )
        changes.extend(
            Change(project=definition.project, kind=kind, name=name, step=Step.REMOVE)
            for name, value in known.items()
            if value.project == definition.project and name not in wanted
        )
    return changes


def _bare(account: Account) -> Account:
    """As a file would say it: without the external id, which is ours."""
    if isinstance(account.settings, AwsRole):
        return replace(account, settings=replace(account.settings, external_id=""))
    return account


def _step(wanted: Named, known: Named | None) -> Step:
    if known is None:
        return Step.CREATE
    return Step.UNCHANGED if known == wanted else Step.UPDATE


def _refuse_foreign(project: str, kind: Kind, name: str, known: Named | None) -> None:
    """An account or a destination made by hand becomes the file's; a workflow of the page does not."""
    if isinstance(known, Workflow) and known.project is None:
        raise RequestWrong(
            "This workflow is changed on the page: it was made there, or detached from its file",
            to=name,
            hint="Leave it out of the file; or delete it on the page (its history stays) and apply again.",
        )
    if known is not None and known.project not in (None, project):
        raise RequestWrong(
            f"This {kind.value} belongs to project {known.project}",
            to=name,
            hint=f"Names are unique in the installation: choose another, or remove it from {known.project}.",
        )


def _refuse_same_project(definitions: Sequence[Definition]) -> None:
    seen: set[str] = set()
    for definition in definitions:
        if definition.project in seen:
            raise RequestWrong(
                "Two of the files own the same project",
                to=definition.project,
                hint="A file owns its project: give one another `project`, or put both into one file.",
            )
        seen.add(definition.project)
