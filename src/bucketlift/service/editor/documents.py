"""Workflows as documents with the keys of a workflow file: compiles a document, and lists its problems for
the page.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import NamedTuple

from bucketlift.definition.export import workflow_mapping
from bucketlift.definition.fragments import workflow_from
from bucketlift.definition.yaml.problems import DefinitionWrong, Path, Problem
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.model.workflow import Workflow
from bucketlift.schema.transforms import is_map_file
from bucketlift.service.core.app import App
from bucketlift.service.editor.page_words import hint_on_page, on_page
from bucketlift.service.projects.projects import installed


class DraftProblem(NamedTuple):
    path: tuple[str | int, ...]
    """The path of the key in the workflow: ``("tasks", 0, "extract", "bucket")``."""
    what: str
    hint: str


def document_of(workflow: Workflow) -> Form:
    """A published workflow as the document of a draft. All fields are listed; ``enabled`` is left out."""
    form = workflow_mapping(workflow, lambda _, __: None)
    plain: Form = json.loads(json.dumps(form))
    plain.pop("enabled")
    return {"triggers": [], **plain}


def copy_without_secrets(document: Form) -> Form:
    """A copy of a document without HTTP events and without recipients of notices other than e-mail addresses,
    because workflows do not share secrets.
    """
    kept = {name: value for name, value in document.items() if name != "notify"}
    kept["triggers"] = [each for each in document.get("triggers") or () if "event" not in each]
    notify = [each for each in document.get("notify") or () if isinstance(each, dict) and "email" in each]
    return kept | ({"notify": notify} if notify else {})


def compiled(app: App, workflow: str, document: Form) -> Workflow:
    """Compile a document into an enabled workflow.

    Raises:
        DefinitionWrong: the document has problems; the error contains all of them.
    """
    _refuse_samples(document)
    return workflow_from(workflow, document, replace(installed(app), asks=False))


def problems(app: App, workflow: str, document: Form) -> tuple[DraftProblem, ...]:
    """The problems that prevent the publication of a document; empty if there are none."""
    try:
        compiled(app, workflow, document)
    except DefinitionWrong as error:
        return tuple(
            DraftProblem(path=path[2:], what=on_page(each.what), hint=hint_on_page(each.what, each.hint))
            for each in error.problems
            for path in (each.path, each.also)
            if path is each.path or path
        )
    return ()


def _refuse_samples(document: Form) -> None:
    """Refuse a document that names a sample, because a draft must not name a file on the server."""
    for position, task in enumerate(document.get("tasks", ())):
        below: list[tuple[tuple[str, ...], str]] = []
        if "sample" in (task.get("extract") or {}):
            below.append((("extract", "sample"), "a sample"))
        fields = (task.get("transform") or {}).get("fields") or {}
        below += [
            (("transform", "fields", name), "a value map")
            for name, field in fields.items()
            if _names_file(field)
        ]
        for path, what in below:
            whole: Path = ("workflows", "", "tasks", position, *path)
            problem = f"{what} cannot be a file on the server"
            raise DefinitionWrong([Problem(what=problem, to="", hint="Upload the file instead.", path=whole)])


def _names_file(field: Form) -> bool:
    return any(
        is_map_file(each.get("values")) for each in (field, *field.get("steps", ())) if isinstance(each, dict)
    )
