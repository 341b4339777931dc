"""Applies the file's ``defaults`` to its tasks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bucketlift.definition.yaml.located import Located
from bucketlift.definition.yaml.problems import Path
from bucketlift.schema.loads import LoadShape
from bucketlift.schema.shape import known_keys
from bucketlift.schema.tasks import ExtractShape

_INHERITING = {"extract": known_keys(ExtractShape), "load": known_keys(LoadShape)}


def with_defaults(located: Located) -> Located:
    """The document with the defaults in each task. A value of a wrong type is kept, so that the schema
    reports it later.
    """
    value = located.value
    if not isinstance(value, dict) or not isinstance(value.get("defaults"), dict):
        return located
    inherited: dict[Path, Path] = {}
    workflows = _mapping(value.get("workflows"))
    filled = {key: _workflow(each, key, value["defaults"], inherited) for key, each in workflows.items()}
    return replace(located, value=value | ({"workflows": filled} if filled else {}), inherited=inherited)


def _workflow(workflow: Any, key: str, defaults: dict[str, Any], inherited: dict[Path, Path]) -> Any:
    if not isinstance(workflow, dict) or not isinstance(workflow.get("tasks"), list):
        return workflow
    tasks = [
        _task(task, ("workflows", key, "tasks", position), defaults, inherited)
        for position, task in enumerate(workflow["tasks"])
    ]
    return workflow | {"tasks": tasks}


def _task(task: Any, path: Path, defaults: dict[str, Any], inherited: dict[Path, Path]) -> Any:
    if not isinstance(task, dict):
        return task
    filled = dict(task)
    for kind, known in _INHERITING.items():
        own, common = task.get(kind), _mapping(defaults.get(kind))
        if isinstance(own, dict):
            missing = [key for key in known if key in common and key not in own]
            inherited.update({(*path, kind, key): ("defaults", kind, key) for key in missing})
            filled[kind] = own | {key: common[key] for key in missing}
    return filled


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
