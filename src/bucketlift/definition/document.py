"""The shape of a whole workflow file, from which its JSON Schema is made."""

from __future__ import annotations

from copy import copy
from typing import Any, Literal

from pydantic import BaseModel, Field, create_model

from bucketlift.definition.destinations import DestinationShape
from bucketlift.definition.notify import NotifyShape
from bucketlift.definition.places import AccountShape
from bucketlift.definition.shape import Name, Shape, Slug, Text
from bucketlift.definition.tasks import ExtractShape, LoadShape, TaskShape
from bucketlift.definition.triggers import TriggerShape


def _partial(shape: type[BaseModel], name: str, doc: str) -> type[Shape]:
    """The same shape with nothing required: what may stand under ``defaults``."""
    fields: dict[str, Any] = {}
    for key, field in shape.model_fields.items():
        optional = copy(field)
        optional.default, optional.default_factory = None, None
        fields[key] = (field.annotation, optional)
    return create_model(name, __base__=Shape, __doc__=doc, **fields)


_DefaultExtract = _partial(ExtractShape, "DefaultExtract", "Defaults for every extract.")
_DefaultLoad = _partial(LoadShape, "DefaultLoad", "Defaults for every load.")


class WorkflowShape(Shape):
    """Tasks in the order in which they run, and triggers that start it."""

    title: Text | None = None
    renamed_from: Slug | None = None
    enabled: bool = True
    triggers: list[TriggerShape] = Field(default_factory=list)
    notify: list[NotifyShape] = Field(default_factory=list)
    tasks: list[TaskShape]


class DefaultsShape(Shape):
    """Defaults for the tasks of this file; a task's own settings override them."""

    extract: _DefaultExtract | None = None  # type: ignore[valid-type] # made above
    load: _DefaultLoad | None = None  # type: ignore[valid-type] # made above


class Document(Shape):
    """A Bucketlift workflow file."""

    version: Literal[1]
    project: Name
    defaults: DefaultsShape | None = None
    accounts: dict[Name, AccountShape] = Field(default_factory=dict)
    destinations: dict[Name, DestinationShape] = Field(default_factory=dict)
    workflows: dict[Slug, WorkflowShape] = Field(default_factory=dict)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the file, for editors."""
    schema = Document.model_json_schema(by_alias=True)
    return (
        {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        | schema
        | {"title": "Bucketlift workflow file"}
    )
