"""Where in a workflow somebody sets an extract task up, as addresses say it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

from fastapi import Depends, Request

from bucketlift.service.extracts import ExtractPlace

NEW = "new"


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    place: ExtractPlace

    def to(self, part: str = "") -> str:
        """The address of a part of the wizard, or of an act in it."""
        task = NEW if self.place.task is None else self.place.task
        rest = f"/{part}" if part else ""
        after = f"?after={quote(self.place.after, safe='')}" if self.place.task is None else ""
        return f"{self.workflow}/tasks/{quote(task, safe='')}/extract{rest}{after}"

    @property
    def workflow(self) -> str:
        return f"/workflows/{quote(self.place.workflow, safe='')}"


def _where(request: Request, workflow: str, task: str) -> Where:
    """A new task says after which one it comes; a task whose id is ``new`` says nothing."""
    after = request.query_params.get("after")
    is_new = task == NEW and after is not None
    place = ExtractPlace(
        workflow=workflow, task=None if is_new else task, after=after or "" if is_new else ""
    )
    return Where(place=place)


Here = Annotated[Where, Depends(_where)]
