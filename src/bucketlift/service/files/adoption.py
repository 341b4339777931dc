"""Makes the header of a held file the new version of its task's contract."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bucketlift.errors import RequestWrong
from bucketlift.model.claim import Claim
from bucketlift.model.contract import Field
from bucketlift.model.hold import HeldReason
from bucketlift.model.lifecycle import FileState
from bucketlift.model.workflow import ExtractTask, Workflow
from bucketlift.rules.targets import NAMINGS
from bucketlift.service.core.app import App
from bucketlift.service.files.originals import plain_part
from bucketlift.service.files.renewal import Renamed, renewed
from bucketlift.tabular.header.header import fold
from bucketlift.tabular.header.verdict import looks_renamed
from bucketlift.tabular.sample import sample_fields

HEADER_REASONS = frozenset(
    {
        HeldReason.EXTRA_COLUMN,
        HeldReason.MISSING_COLUMN,
        HeldReason.RENAMED_COLUMN,
        HeldReason.REORDERED_COLUMNS,
        HeldReason.RESPELLED_COLUMNS,
    }
)
"""The hold reasons for which a file's header can become the contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Adopted:
    """The new version of the workflow, and the fields that changed."""

    workflow: str
    version: int
    added: tuple[str, ...]
    removed: tuple[str, ...]
    renamed: tuple[tuple[str, str], ...]


def adopt(app: App, file: str) -> Adopted:
    """Make a file's header the contract of its task. Files that are held because of the old header are
    checked again.

    Fields that remain keep their types and columns, even if their name seems to have changed.

    Raises:
        NotFound: there is no such file.
        RequestWrong: the file is not held because of its header, or a workflow file owns the contract.
    """
    claim = app.ledger.claims.get(file)
    definition = app.ledger.catalog.workflow(claim.workflow)
    task = next((each for each in definition.workflow.extracts if each.id == claim.task), None)
    if claim.state is not FileState.HELD or claim.reason not in HEADER_REASONS or task is None:
        raise RequestWrong(
            "The file is not held for its header",
            to=f"{claim.id} {claim.source}",
            hint="The header of a file can become the contract only if the file is held for one of these reasons: "
            f"{', '.join(sorted(HEADER_REASONS))}.",
        )
    with plain_part(app, claim, task) as part:
        fields = sample_fields(part, task.contract.dialect)
    change = _Change.of(task.contract.fields, [field.name for field in fields])
    if definition.workflow.project is not None:
        raise _owned(definition.workflow, task, change, claim)
    renamed = Renamed(
        fields=tuple(field.name for field in change.fields),
        names=change.names,
        added=change.added,
        removed=change.removed,
    )
    workflow = renewed(
        lambda name: NAMINGS[app.ledger.catalog.destination(name).settings.kind],
        definition.workflow,
        task,
        change.fields,
        renamed,
    )
    app.ledger.catalog.save(workflows=(workflow,), based_on={workflow.key: definition.version}, now=app.now())
    version = app.ledger.catalog.workflow(workflow.key).version
    app.ledger.drafts.outdate(workflow.key, version, now=app.now())
    return Adopted(
        workflow=workflow.key,
        version=version,
        added=change.added,
        removed=change.removed,
        renamed=tuple((old, new) for old, new in change.names.items() if old != new),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """The change from a contract's fields to a header. ``names`` maps the old name of each remaining field to
    its new name.
    """

    fields: tuple[Field, ...]
    names: dict[str, str]
    added: tuple[str, ...]
    removed: tuple[str, ...]

    @staticmethod
    def of(fields: Sequence[Field], header: Sequence[str]) -> _Change:
        by_fold = {fold(name): name for name in header}
        known = {
            field.name: by_fold[fold(name)]
            for field in fields
            for name in (*reversed(field.aliases), field.name)
            if fold(name) in by_fold
        }
        missing = [field.name for field in fields if field.name not in known]
        extra = [name for name in header if name not in known.values()]
        if len(missing) == len(extra) == 1 and looks_renamed(missing[0], extra[0]):
            known[missing.pop()] = extra.pop()
        by_name = {known[field.name]: field for field in fields if field.name in known}
        return _Change(
            fields=tuple(
                replace(by_name[name], name=name) if name in by_name else Field(name=name) for name in header
            ),
            names=known,
            added=tuple(extra),
            removed=tuple(missing),
        )


def _owned(workflow: Workflow, task: ExtractTask, change: _Change, claim: Claim) -> RequestWrong:
    # JSON is valid YAML, and stays on one line.
    columns = json.dumps([field.name for field in change.fields], ensure_ascii=False)
    renamed = {old: {"aliases": [new]} for old, new in change.names.items() if fold(old) != fold(new)}
    aliases = json.dumps(renamed, ensure_ascii=False)
    alias = f" Or keep the sample and add `fields: {aliases}`." if renamed else ""
    return RequestWrong(
        f"The workflow file of project {workflow.project} owns this contract",
        to=f"{workflow.key}, task {task.id}, for {claim.id}",
        hint=f"In that file, set a new sample, or replace the sample with `columns: {columns}`.{alias} Then apply the file.",
    )
