"""Compiles a parsed workflow file to values of the model, and checks everything to which it refers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bucketlift.definition.compile.conflicts import (
    check_doubled_loads,
    check_file_accounts,
    check_followed,
    check_loops,
    check_object_loops,
    check_promises,
)
from bucketlift.definition.compile.context import Compilation
from bucketlift.definition.compile.renames import Renames, Renaming, TaskName
from bucketlift.definition.compile.workflows import workflow
from bucketlift.definition.compile.written_files import check_prefixes
from bucketlift.definition.parse import Parsed, parse_file
from bucketlift.definition.yaml.problems import refusal
from bucketlift.model.account import Account, AccountSettings, AwsKeys, Destination, DestinationSettings
from bucketlift.model.pgp import KeyKind
from bucketlift.model.workflow import Workflow
from bucketlift.rules.doubles.same_place import UrlOf, no_url
from bucketlift.rules.former_names import Known
from bucketlift.rules.reach import prefix_notes
from bucketlift.rules.renames import Question


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """The contents of one workflow file, which is a whole project."""

    project: str
    accounts: tuple[Account, ...] = ()
    destinations: tuple[Destination, ...] = ()
    workflows: tuple[Workflow, ...] = ()
    notes: tuple[str, ...] = ()
    """Hints for the person, and notes on parts that could not be checked without the installation."""
    renames: Renames = field(default_factory=Renames)
    questions: tuple[Question, ...] = ()
    """Questions about possible renames. They must be answered before the file is applied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Installed:
    """What a file may refer to in the installation."""

    accounts: Mapping[str, AccountSettings]
    destinations: Mapping[str, DestinationSettings]
    workflows: tuple[Workflow, ...] = ()
    """Workflows of the installation, because two workflows must not act on the same objects."""
    removed: tuple[Workflow, ...] = ()
    """Workflows that were removed. The ledger keeps their history."""
    asks: bool = True
    """Whether the file is the whole project. If so, a workflow that is missing from it may have been renamed."""
    prune: bool = False
    """Whether workflows of the project that the file does not contain are removed."""
    answers: Mapping[TaskName, str] = field(default_factory=dict)
    """A person's answers to earlier questions: the former name of a workflow (with an empty task ID) or of a
    task.
    """
    keys: Mapping[str, KeyKind] = field(default_factory=dict)
    """The kinds of the installation's PGP keys, by name."""
    url_of: UrlOf = no_url
    """Reads the URL of a database, to find destinations that are the same database."""


def read_definition(path: Path, installed: Installed | None = None) -> Definition:
    """Parse and compile a workflow file. Without ``installed``, the file is checked alone.

    Raises:
        RequestWrong: the file does not exist, or cannot be read.
        DefinitionWrong: the file has problems; the error contains all of them.
    """
    return compile_definition(parse_file(path), installed)


def compile_definition(parsed: Parsed, installed: Installed | None = None) -> Definition:
    """Compile a parsed file to values of the model. Reads the samples that the file names.

    Raises:
        DefinitionWrong: the file has problems; the error contains all of them.
    """
    document, project = parsed.document, parsed.document.project
    accounts, destinations = document.accounts, document.destinations
    compilation = _compilation(parsed, accounts, destinations, installed)
    check_prefixes(destinations, compilation)
    workflows = tuple(workflow(key, each, project, compilation) for key, each in document.workflows.items())
    renames, questions = _renames(parsed, workflows, installed, compilation)
    others = _staying(project, workflows, installed, renames, questions)
    check_file_accounts(accounts, compilation)
    check_doubled_loads(workflows, compilation)
    check_promises(workflows, compilation)
    check_followed(workflows, others, compilation)
    check_loops(workflows, others, compilation)
    check_object_loops(workflows, others, compilation)
    compilation.notes.extend(_deprecated(accounts))
    compilation.notes.extend(_of_prefixes(workflows, compilation))
    if compilation.problems:
        raise refusal(compilation.problems)
    return Definition(
        project=project,
        accounts=tuple(Account(name=key, settings=each, project=project) for key, each in accounts.items()),
        destinations=tuple(
            Destination(name=key, settings=each, project=project) for key, each in destinations.items()
        ),
        workflows=workflows,
        notes=tuple(dict.fromkeys(compilation.notes)),
        renames=renames,
        questions=questions,
    )


def _renames(
    parsed: Parsed, workflows: tuple[Workflow, ...], installed: Installed | None, compilation: Compilation
) -> tuple[Renames, tuple[Question, ...]]:
    if installed is not None and not installed.asks:
        return Renames(), ()
    known = Known(
        live={each.key: each for each in installed.workflows} if installed else {},
        removed={each.key: each for each in installed.removed} if installed else {},
    )
    named = {each.key: each for each in workflows}
    renaming = Renaming.of(parsed.document, known, installed.answers if installed else {}, compilation)
    flows = renaming.workflows(named)
    renames = Renames(workflows=flows, tasks=renaming.tasks(named, flows))
    return renames, tuple(renaming.questions(named, renames))


def _staying(
    project: str,
    workflows: tuple[Workflow, ...],
    installed: Installed | None,
    renames: Renames,
    questions: tuple[Question, ...],
) -> tuple[Workflow, ...]:
    """The installation's workflows that stay after the file is applied, except those to which an open
    question refers.
    """
    if installed is None:
        return ()
    named = {each.key for each in workflows}
    gone = {
        *renames.workflows.values(),
        *(former for each in questions if each.task is None for former in each.like),
    }
    if installed.prune:
        gone |= {
            each.key for each in installed.workflows if each.project == project and each.key not in named
        }
    return tuple(each for each in installed.workflows if each.key not in gone)


def _deprecated(accounts: Mapping[str, AccountSettings]) -> list[str]:
    return [
        f"account `{key}` has access keys of AWS, which are deprecated: make it an aws-role"
        for key, each in accounts.items()
        if isinstance(each, AwsKeys)
    ]


def _of_prefixes(workflows: tuple[Workflow, ...], compilation: Compilation) -> Iterator[str]:
    """Yield notes on prefixes that may match more than a person expects. Each note names its line."""
    for flow in workflows:
        for task in flow.extracts:
            path = (*compilation.task_path(flow.key, task.id), "extract", "prefix")
            for note in prefix_notes(task):
                yield f"workflow `{flow.key}`, task `{task.id}` (line {compilation.located.line(path)}): {note}"


def _compilation(
    parsed: Parsed,
    accounts: Mapping[str, AccountSettings],
    destinations: Mapping[str, DestinationSettings],
    installed: Installed | None,
) -> Compilation:
    """The state at the start of a compilation. A name in the file hides the same name in the installation."""
    known = installed or Installed(accounts={}, destinations={})
    return Compilation(
        located=parsed.located,
        folder=parsed.folder,
        accounts={**known.accounts, **accounts},
        destinations={**known.destinations, **destinations},
        keys=known.keys,
        installation_known=installed is not None,
        url_of=known.url_of,
        applied=known.workflows,
    )
