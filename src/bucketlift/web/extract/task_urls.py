"""The position of an extract task in a workflow, and the URLs of the pages that set it up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from bucketlift.service.editor.tasks import TaskPosition
from bucketlift.web import places


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskUrls:
    place: TaskPosition

    def to(self, part: str = "") -> str:
        """The URL of a step, or of an action of a step."""
        return places.address(self.place, "extract", part)

    @property
    def workflow(self) -> str:
        return places.editor(self.place)


def _task_urls(place: places.Here) -> TaskUrls:
    return TaskUrls(place=place)


Here = Annotated[TaskUrls, Depends(_task_urls)]
