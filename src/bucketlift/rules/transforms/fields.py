"""The transforms and key checks for the rows of an extract task, and the fields of each task's rows."""

from __future__ import annotations

from collections.abc import Sequence

from bucketlift.model.contract import Contract
from bucketlift.model.load import WriteMode
from bucketlift.model.transforms.row_checks import Demand, RowChecks, UpsertKey
from bucketlift.model.transforms.transform import RowField, TransformTask
from bucketlift.model.workflow import Workflow
from bucketlift.rules.transforms.types import output_type


def checks_of(workflow: Workflow, extract: str) -> RowChecks:
    return RowChecks(
        extract=extract,
        transforms=workflow.transforms_from(extract),
        keys=tuple(
            UpsertKey(fields=load.target.key, source=load.source)
            for load in workflow.loads_from(extract)
            if load.target.mode is WriteMode.UPSERT and load.target.key
        ),
        demands=tuple(
            dict.fromkeys(
                Demand(check=check, source=load.source)
                for load in workflow.loads_from(extract)
                for check in load.target.checks
            )
        ),
    )


def fields_of(contract: Contract) -> tuple[RowField, ...]:
    """The fields of an extract task's rows."""
    return tuple(RowField(name=each.name, type=each.value_type) for each in contract.fields)


def fields_after(task: TransformTask, before: Sequence[RowField]) -> tuple[RowField, ...]:
    """The fields of a transform's rows.

    They are the fields of its source. A field that the transform makes replaces the source field of the same
    name; if there is none, it is added at the end.

    Raises:
        StepConflict: a step cannot be applied to the type of its value.
        KeyError: the source has no such field.
    """
    types = {each.name: each.type for each in before}
    made = {each.name: RowField(name=each.name, type=output_type(each, types)) for each in task.fields}
    kept = tuple(made.get(each.name, each) for each in before)
    return kept + tuple(each for name, each in made.items() if name not in types)


def fields_at(workflow: Workflow, source: str) -> tuple[RowField, ...]:
    """The fields of the rows of an extract task or transform of a published workflow."""
    root = workflow.extract_of(source)
    found = fields_of(next(each.contract for each in workflow.extracts if each.id == root))
    for task in workflow.transforms_to(source):
        found = fields_after(task, found)
    return found
