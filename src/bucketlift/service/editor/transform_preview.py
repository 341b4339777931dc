"""A preview of a transform that is being edited, made from the first rows of a sample."""

from __future__ import annotations

import base64
import tempfile
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from bucketlift.definition.fragments import workflow_from
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.model.workflow import RejectLimit, Workflow
from bucketlift.rules import chain
from bucketlift.rules.transforms.fields import checks_of
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts, tasks
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.tabular.arrow.staging import open_rows
from bucketlift.tabular.read.reading import read_file
from bucketlift.tabular.read.request import ReadRequest
from bucketlift.tabular.transform.row_transforms import PreviewRow, RowTransforms

Form = dict[str, Any]
ROWS_SHOWN = 10
SAMPLE = "sample of a transform"
"""Name under which the editor stores the sample while a transform is edited."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """The rows of a transform. If there are no rows, ``missing`` names the extract task that has no sample."""

    extract: str
    names: tuple[str, ...] = ()
    made: frozenset[str] = frozenset()
    rows: tuple[PreviewRow, ...] = ()
    missing: bool = False


def preview(app: App, draft: Draft, place: TaskPosition, settings: Form) -> Preview | None:
    """Preview the rows of a transform. Returns None if the transform has problems, or if its source is not
    known.
    """
    flow, task = _alone(draft, place, settings)
    if flow is None:
        return None
    extract = flow.extracts[0].id
    sample = drafts.scratch(app, draft.key, SAMPLE)
    if sample is None or sample["task"] != extract:
        return Preview(extract=extract, missing=True)
    with tempfile.TemporaryDirectory(prefix="sample-", dir=app.home) as folder:
        return _read(flow, task, base64.b64decode(sample["head"]), Path(folder))


def _alone(draft: Draft, place: TaskPosition, settings: Form) -> tuple[Workflow | None, str]:
    """A workflow with only the extract task and the transforms up to this one; None if it has problems."""
    task = place.task or chain.free_id(draft.document, "transform")
    document = tasks.put(draft.document, place, "transform", settings, name="transform")
    by_id = {each["id"]: each for each in document["tasks"]}
    tasks_above: list[Form] = []
    here = by_id.get(task)
    while here is not None and here not in tasks_above:
        tasks_above.insert(0, here)
        here = by_id.get(str(here.get("transform", {}).get("from", "")))
    if not tasks_above or not tasks_above[0].get("extract", {}).get("columns"):
        return None, task
    tasks_above[0] = tasks_above[0] | {
        "extract": tasks_above[0]["extract"] | {"account": "none", "pgp": None}
    }
    load = {"id": "preview-load", "load": {"from": task, "to": "none", "table": "none"}}
    try:
        return workflow_from("w", {"tasks": [*tasks_above, load]}), task
    except DefinitionWrong:
        return None, task


def _read(flow: Workflow, task: str, content: bytes, folder: Path) -> Preview:
    source, staged = folder / "sample", folder / "rows.arrow"
    source.write_bytes(content)
    extract = flow.extracts[0]
    request = ReadRequest(
        contract=extract.contract,
        staged=staged,
        rejects=folder / "rejects.arrow",
        max_rejected=RejectLimit(),
    )
    read_file(source, request)
    transform = next(each for each in flow.transforms if each.id == task)
    made = frozenset(each.name for each in transform.fields)
    if not staged.exists():
        return Preview(extract=extract.id, missing=True)
    transforms = RowTransforms.of(checks_of(flow, extract.id))
    with open_rows(staged) as rows:
        batches = [batch.slice(0, ROWS_SHOWN) for batch in islice(rows, 1)]
    if not batches:
        return Preview(extract=extract.id, missing=True)
    names, found = transforms.preview(task, batches[0])
    return Preview(extract=extract.id, names=names, made=made, rows=found)
