"""Where in a workflow somebody sets an extract task up, with the addresses of the wizard there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from bucketlift.service.editor.tasks import Place
from bucketlift.web import places


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    place: Place

    def to(self, part: str = "") -> str:
        """The address of a part of the wizard, or of an act in it."""
        return places.address(self.place, "extract", part)

    @property
    def workflow(self) -> str:
        return places.editor(self.place)


def _where(place: places.Here) -> Where:
    return Where(place=place)


Here = Annotated[Where, Depends(_where)]
