"""The shape of a whole workflow file. Its JSON Schema is made from this shape."""

from __future__ import annotations

from copy import copy
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, create_model
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from bucketlift.model.notice import Notify
from bucketlift.model.trigger import Schedule, Trigger
from bucketlift.schema.loads import LoadShape
from bucketlift.schema.notify import NotifyShape
from bucketlift.schema.places import AnyAccount, AnyDestination
from bucketlift.schema.schedules import ScheduleShape
from bucketlift.schema.shape import Shape
from bucketlift.schema.tags import Tags
from bucketlift.schema.tasks import ExtractShape, TaskShape
from bucketlift.schema.triggers import TriggerShape
from bucketlift.schema.values import Name, Slug, Text, written_as


def _partial(shape: type[BaseModel], name: str, doc: str) -> type[Shape]:
    """A shape with the keys of another shape, all of which are optional, for use under ``defaults``."""
    fields: dict[str, Any] = {}
    for key, field in shape.model_fields.items():
        optional = copy(field)
        optional.default, optional.default_factory = None, None
        fields[key] = (field.annotation, optional)
    return create_model(name, __base__=Shape, __doc__=doc, **fields)


_DefaultExtract = _partial(ExtractShape, "DefaultExtract", "Defaults for every extract.")
_DefaultLoad = _partial(LoadShape, "DefaultLoad", "Defaults for every load.")


class WorkflowShape(Shape):
    """A workflow: tasks in the order in which they run, and triggers that start it."""

    always_written = frozenset({"title", "enabled"})

    title: Text | None = None
    renamed_from: Slug | None = None
    enabled: bool = True
    tags: Tags = Field(default_factory=list)
    triggers: list[Annotated[Trigger, written_as(TriggerShape)]] = Field(default_factory=list)
    notify: list[Annotated[Notify, written_as(NotifyShape)]] = Field(default_factory=list)
    expected: Annotated[Schedule, written_as(ScheduleShape)] | None = None
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
    accounts: dict[Name, AnyAccount] = Field(default_factory=dict)
    destinations: dict[Name, AnyDestination] = Field(default_factory=dict)
    workflows: dict[Slug, WorkflowShape] = Field(default_factory=dict)


class _JsonSchema(GenerateJsonSchema):
    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Show a default in the JSON Schema as it is written in the file."""
        inner: Any = schema["schema"]
        while "serialization" not in inner and "schema" in inner and inner["type"] != "model":
            inner = inner["schema"]
        if (
            schema.get("default") is not None
            and inner.get("serialization", {}).get("type") == "function-plain"
        ):
            schema = {**schema, "default": inner["serialization"]["function"](schema["default"])}
        return super().default_schema(schema)


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the workflow file, for editors."""
    schema = Document.model_json_schema(schema_generator=_JsonSchema)
    return (
        {"$schema": "https://json-schema.org/draft/2020-12/schema"}
        | schema
        | {"title": "Bucketlift workflow file"}
    )
