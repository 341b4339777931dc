"""A workflow as a document, like one in a workflow file: compiled, and what is wrong with it in words of the page."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.export import workflow_form
from bucketlift.definition.parse import shaped
from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import DefinitionWrong, Problem
from bucketlift.ledger.workflows.drafts import Form
from bucketlift.model.workflow import Workflow
from bucketlift.service.core.app import App
from bucketlift.service.projects.projects import installed

_PROJECT = "page"
"""Stands where a file says its project; what is made on the page has none."""
_HINTS = {
    "nothing loads what": "Add a loader task after it: click + and choose Task.",
    "the workflow extracts nothing": "Click + and choose Task, then Extract data from Amazon S3.",
    "the condition governs no task": "Add a task under it.",
}
"""Where the words of the file would not help on the page: by how the problem begins."""


class DraftProblem(NamedTuple):
    path: tuple[str | int, ...]
    """From the workflow's document on: ``("tasks", 0, "extract", "bucket")``."""
    what: str
    hint: str


def document_of(workflow: Workflow) -> Form:
    """A published workflow as a draft says it: fields listed, and without the switch."""
    form = workflow_form(workflow, lambda _, __: None)
    plain: Form = json.loads(json.dumps(form))
    plain.pop("enabled")
    return {"triggers": [], **plain}


def compiled(app: App, workflow: str, document: Form) -> Workflow:
    """A document as the engine knows it, switched on.

    Raises:
        DefinitionWrong: all that is wrong with it.
    """
    _refuse_samples(document)
    whole = {"version": 1, "project": _PROJECT, "workflows": {workflow: document}}
    parsed = shaped(Located(name=workflow, value=whole, lines={}), folder=Path.cwd())
    (made,) = compile_definition(parsed, replace(installed(app), asks=False)).workflows
    return replace(made, project=None)


def problems(app: App, workflow: str, document: Form) -> tuple[DraftProblem, ...]:
    """Why it cannot be put to use; empty where it can."""
    try:
        compiled(app, workflow, document)
    except DefinitionWrong as error:
        return tuple(
            DraftProblem(path=each.path[2:], what=on_page(each.what), hint=on_page(_hint(each)))
            for each in error.problems
        )
    return ()


def on_page(words: str) -> str:
    """A sentence; what a file quotes as code is quoted as people do."""
    return re.sub("`([^`]*)`", "“\\1”", words[:1].upper() + words[1:])


def _hint(problem: Problem) -> str:
    return next((hint for what, hint in _HINTS.items() if problem.what.startswith(what)), problem.hint)


def _refuse_samples(document: Form) -> None:
    """A path would be one of the server's own files."""
    for position, task in enumerate(document.get("tasks", ())):
        if "sample" in (task.get("extract") or {}):
            path = ("workflows", "", "tasks", position, "extract", "sample")
            hint = "Upload a sample file instead."
            raise DefinitionWrong(
                [Problem(what="`sample` names a file of the server", to="", hint=hint, path=path)]
            )
