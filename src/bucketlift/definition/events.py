"""Events in the file: calls by HTTP that begin a run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any, Self

from pydantic import AfterValidator, Field, model_validator

from bucketlift.definition.accounts import secret_reference
from bucketlift.definition.compiling import Compiling
from bucketlift.definition.places import Secret
from bucketlift.definition.problems import Path, nearest
from bucketlift.definition.shape import Shape, Slug, said
from bucketlift.model.trigger import EventField, HttpEvent, Proof

LONGEST_PATH = 500
MOST_FIELDS = 50
_HINT = "Write a path that finds one value, such as $.order.id or $.items[0].name."


def _path(value: str) -> str:
    """A singular query: it can neither find many values, nor take long."""
    import jsonpath_rfc9535 as jsonpath  # noqa: PLC0415 - only where there are events

    try:
        query = jsonpath.compile(value) if len(value) <= LONGEST_PATH else None
    except (jsonpath.JSONPathError, RecursionError, ValueError):
        query = None
    if query is None:
        raise said("not a path of JSONPath", _HINT)
    if not query.singular_query():
        raise said("this path can find several values", _HINT)
    return value


EventPath = Annotated[str, AfterValidator(_path), Field(examples=["$.order.id"])]


class EventShape(Shape):
    """A call of the workflow's address `/events/WORKFLOW`, with a token or a signature."""

    token: Secret | None = None
    signature: Secret | None = None
    fields: Annotated[dict[Slug, EventPath], Field(max_length=MOST_FIELDS)] = Field(default_factory=dict)
    only_if: dict[str, str] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_proof(self) -> Self:
        if (self.token is None) == (self.signature is None):
            raise said(
                "an event has either `token` or `signature`", "Name the secret: token: {secret: NAME}."
            )
        return self


def http_event(shape: EventShape, path: Path, compiling: Compiling) -> HttpEvent:
    for name in shape.only_if:
        if name not in shape.fields:
            compiling.wrong(
                f"there is no field `{name}` of the event",
                (*path, "only_if", name),
                nearest(name, shape.fields),
            )
    secret = shape.token or shape.signature
    assert secret is not None  # noqa: S101 - the shape has one of them
    return HttpEvent(
        proof=Proof.SIGNATURE if shape.token is None else Proof.TOKEN,
        secret=secret_reference(secret, compiling.folder),
        fields=tuple(EventField(name=name, path=query) for name, query in shape.fields.items()),
        only_if=tuple(shape.only_if.items()),
    )


def event_form(event: HttpEvent) -> dict[str, Any]:
    """An event as the file says it."""
    form: dict[str, Any] = {event.proof.value: asdict(event.secret)}
    if event.fields:
        form["fields"] = {field.name: field.path for field in event.fields}
    return form | ({"only_if": dict(event.only_if)} if event.only_if else {})
