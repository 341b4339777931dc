"""One trigger by itself, as somebody describes it in a form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.located import Located
from bucketlift.definition.parse import shaped
from bucketlift.definition.problems import refusal
from bucketlift.definition.triggers import triggers
from bucketlift.model.trigger import Trigger

DEPTH = 4
"""Steps of a problem's path that lead to the trigger."""


def trigger_from(said: Mapping[str, Any]) -> Trigger:
    """The trigger that these keys, spelt as in a workflow file, make.

    Raises:
        DefinitionWrong: all that is wrong with it; the first steps of each path lead to the trigger.
    """
    whole = {
        "version": 1,
        "project": "page",
        "workflows": {"workflow": {"triggers": [dict(said)], "tasks": []}},
    }
    parsed = shaped(Located(name="trigger", value=whole, lines={}), folder=Path.cwd())
    compiling = Compiling(
        located=parsed.located,
        folder=parsed.folder,
        accounts={},
        destinations={},
        keys={},
        installation_known=True,
    )
    shapes = parsed.document.workflows["workflow"].triggers
    made = triggers(shapes, ("workflows", "workflow", "triggers"), compiling)
    if compiling.problems:
        raise refusal(compiling.problems)
    return made[0]
