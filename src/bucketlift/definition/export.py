"""Writes values of the model as the text of a workflow file. Secrets appear only as references; external IDs
never appear.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from typing import Any, Literal

from bucketlift.definition.compile.definition import Definition
from bucketlift.model.contract import Contract, Dialect
from bucketlift.model.directory.data_targets import RecordsTarget, ResponsesTarget
from bucketlift.model.directory.targets import ContactsTarget, EmployeesTarget
from bucketlift.model.load import RowsTarget
from bucketlift.model.objects.target import ObjectsTarget
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.workflow import ConditionTask, ExtractTask, LoadTask, Task, Workflow
from bucketlift.rules.transforms.fields import fields_at
from bucketlift.schema.contracts import dialect_shape, is_plain
from bucketlift.schema.data_loads import LoadRecordsShape, LoadResponsesShape
from bucketlift.schema.deliveries import LoadRowsShape
from bucketlift.schema.document import Document, WorkflowShape
from bucketlift.schema.fields import FieldShape
from bucketlift.schema.loads import BaseLoadShape, LoadShape
from bucketlift.schema.objects import LoadObjectsShape
from bucketlift.schema.people import LoadContactsShape, LoadEmployeesShape
from bucketlift.schema.tasks import ConditionShape, ExtractShape, TaskShape
from bucketlift.schema.transforms import OutputShape, TransformShape
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.header.header_or_data import data_in_header
from bucketlift.tabular.header.other_quotes import other_quotes
from bucketlift.tabular.header.separators import other_separator
from bucketlift.yaml_text import emit

SampleOf = Callable[[str, ExtractTask], str | None]
"""A function that returns the path of the sample for an extract task of a workflow (by the workflow's key),
relative to the file.

If it returns None, the file lists the task's fields instead.
"""
_LOADS: dict[type, tuple[str, type[BaseLoadShape]]] = {
    ContactsTarget: ("load_contacts", LoadContactsShape),
    EmployeesTarget: ("load_employees", LoadEmployeesShape),
    ResponsesTarget: ("load_responses", LoadResponsesShape),
    RecordsTarget: ("load_records", LoadRecordsShape),
    RowsTarget: ("load_rows", LoadRowsShape),
    ObjectsTarget: ("load_objects", LoadObjectsShape),
}


def export(definition: Definition, sample_of: SampleOf) -> str:
    """The text of a workflow file that compiles to this definition.

    The caller must write the texts of ``sample_header`` to the paths that ``sample_of`` returns.
    """
    document = Document.without_defaults(
        version=1,
        project=definition.project,
        accounts={each.name: each.settings for each in definition.accounts},
        destinations={each.name: each.settings for each in definition.destinations},
        workflows={each.key: _workflow(each, sample_of) for each in definition.workflows},
    )
    return emit(document.to_mapping())


def workflow_mapping(workflow: Workflow, sample_of: SampleOf) -> dict[str, Any]:
    """A workflow as a mapping of the workflow file."""
    return _workflow(workflow, sample_of).to_mapping()


def sample_header(contract: Contract) -> str:
    """The header row of a contract, which is the content of a sample file."""
    text = io.StringIO()
    dialect = contract.dialect
    quoting: Literal[0, 3] = csv.QUOTE_NONE if dialect.quote is None else csv.QUOTE_MINIMAL
    writer = csv.writer(
        text, delimiter=dialect.delimiter, quotechar=dialect.quote, quoting=quoting, lineterminator="\r\n"
    )
    writer.writerow(contract.names)
    return text.getvalue()


def _workflow(workflow: Workflow, sample_of: SampleOf) -> WorkflowShape:
    return WorkflowShape.without_defaults(
        title=workflow.title,
        enabled=workflow.enabled,
        triggers=list(workflow.triggers),
        notify=list(workflow.notify),
        tags=list(workflow.tags),
        expected=workflow.expected,
        tasks=[_task(task, workflow, sample_of) for task in workflow.tasks],
    )


def _task(task: Task, workflow: Workflow, sample_of: SampleOf) -> TaskShape:
    match task:
        case ExtractTask():
            plain = is_plain(task.contract.dialect) and _is_clear(task.contract)
            sample = sample_of(workflow.key, task) if plain else None
            return TaskShape.without_defaults(id=task.id, extract=_extract(task, sample))
        case TransformTask():
            fields = {each.name: OutputShape.from_model(each) for each in task.fields}
            return TaskShape.without_defaults(
                id=task.id, transform=TransformShape.without_defaults(source=task.source, fields=fields)
            )
        case ConditionTask():
            group = ConditionShape.from_model(task.test)
            answers = {"then": task.then, "otherwise": task.otherwise}
            shape = ConditionShape.without_defaults(all=group.all, any=group.any, **answers)
            return TaskShape.without_defaults(id=task.id, condition=shape)
        case LoadTask():
            kind, load = _LOADS.get(type(task.target), ("load", LoadShape))
            names = [each.name for each in fields_at(workflow, task.source)]
            return TaskShape.without_defaults(id=task.id, **{kind: load.from_task(task, names)})


def _is_clear(contract: Contract) -> bool:
    """Whether the header row alone can be a sample, and does not look like data."""
    row = sample_header(contract).encode()
    if other_quotes(row, Marks.of(contract.dialect), contract.dialect, 0) is not None:
        return False
    if contract.dialect.header_given:
        return True
    return not data_in_header(contract.names, ()) and other_separator(row, contract.dialect, 0) is None


def _extract(task: ExtractTask, sample: str | None) -> ExtractShape:
    contract = task.contract
    fields = {each.name: FieldShape.from_model(each) for each in contract.fields}
    dialect = dialect_shape(contract.dialect, Dialect.of(task.file_type))
    values = {
        **ExtractShape.attributes(task.selection),
        **ExtractShape.attributes(task),
        "kind": task.selection.kind,
        "sample": sample,
        "columns": contract.names if sample is None else None,
        "fields": {name: shape for name, shape in fields.items() if shape.model_fields_set},
        "contract": contract.policies,
        "dialect": dialect,
        "empty": contract.policies.empty,
    }
    return ExtractShape.without_defaults(**values)
