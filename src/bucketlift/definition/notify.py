"""Notices in the file: whom to tell about what."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from bucketlift.definition.accounts import secret_reference
from bucketlift.definition.compiling import Compiling
from bucketlift.definition.places import Secret
from bucketlift.definition.problems import Path
from bucketlift.definition.schedules import ScheduleShape, schedule, schedule_form
from bucketlift.definition.shape import Shape, said
from bucketlift.model.notice import Notify, Occasion

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""RFC 5321 without quoted local parts and address literals; no character that could begin another header."""
_LONGEST = 254


def _address(value: str) -> str:
    if len(value) > _LONGEST or not _ADDRESS.fullmatch(value):
        raise said(
            "not an e-mail address", "It looks like hr@example.com; a domain beyond ASCII begins xn--."
        )
    return value


def _several(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Address = Annotated[str, AfterValidator(_address)]
Addresses = Annotated[
    list[Address],
    Field(min_length=1),
    BeforeValidator(
        _several,
        json_schema_input_type=Annotated[str, Field(examples=["hr@example.com"])]
        | Annotated[list[str], Field(min_length=1)],
    ),
]


class NotifyShape(Shape):
    """Occasions, and the e-mail addresses or the webhook that are notified."""

    when: Annotated[list[Literal["failed", "held", "succeeded", "silent"]], Field(min_length=1)]
    email: Addresses | None = None
    webhook: Secret | None = None
    signing: Secret | None = None
    expected: ScheduleShape | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.email is None) == (self.webhook is None):
            raise said("a notice goes to one place", "Give it either email or webhook.")
        if self.signing is not None and self.webhook is None:
            raise said("only a webhook is signed", "Take `signing` out, or give a webhook.")
        if ("silent" in self.when) != (self.expected is not None):
            hint = 'Write when: [silent] with expected: {every: weekday, at: "08:00"}.'
            raise said("`silent` and `expected` go together", hint)
        return self


def notify(shape: NotifyShape, path: Path, compiling: Compiling) -> Notify:
    folder, expected = compiling.folder, shape.expected
    return Notify(
        when=tuple(Occasion(word) for word in dict.fromkeys(shape.when)),
        email=tuple(dict.fromkeys(shape.email or ())),
        webhook=None if shape.webhook is None else secret_reference(shape.webhook, folder),
        signing=None if shape.signing is None else secret_reference(shape.signing, folder),
        expected=None if expected is None else schedule(expected, (*path, "expected"), compiling),
    )


def notify_form(entry: Notify) -> dict[str, Any]:
    """An entry as the file says it."""
    shape: dict[str, Any] = {"when": [occasion.value for occasion in entry.when]}
    if entry.email:
        shape["email"] = entry.email[0] if len(entry.email) == 1 else list(entry.email)
    for name, reference in (("webhook", entry.webhook), ("signing", entry.signing)):
        if reference is not None:
            shape[name] = asdict(reference)
    if entry.expected is not None:
        shape["expected"] = schedule_form(entry.expected)
    return shape
