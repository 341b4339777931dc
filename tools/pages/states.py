"""A diagram of a file's states, drawn from the allowed transitions in the code."""

from __future__ import annotations

from bucketlift.model.lifecycle import ARROWS, FileState, RunState
from tools.pages import markdown
from tools.pages.markdown import fenced
from tools.pages.reasons import FILE_STATES

_INTRO = """
These are the states of one occurrence of one object in one extract task. The ledger refuses a transition that has no arrow
here. A file that is claimed again goes through the same states under the same LoadId.
"""


def page() -> str:
    lines = ["stateDiagram-v2", *(f'  state "{each.value}" as {_name(each)}' for each in FileState)]
    lines += [f"  [*] --> {_name(FileState.FOUND)}"]
    lines += [f"  {_name(old)} --> {_name(new)}" for old in FileState for new in _after(old)]
    lines += [f"  {_name(FileState.DONE)} --> [*]"]
    meanings = "\n".join(f"- **{each.value}**: {FILE_STATES[each]}" for each in FileState)
    runs = "A run is one of: " + ", ".join(each.value for each in RunState) + "."
    return markdown.page("States of a file", _INTRO, fenced("mermaid", "\n".join(lines)), meanings, runs)


def _after(old: FileState) -> list[FileState]:
    return [new for new in FileState if new in ARROWS[old] and new is not old]


def _name(state: FileState) -> str:
    return state.value.replace("-", "_")
