"""Notifications in the file: recipients and occasions."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from bucketlift.model.notice import Notify, Occasion
from bucketlift.model.trigger import Schedule
from bucketlift.schema.places import Secret
from bucketlift.schema.schedules import ScheduleShape
from bucketlift.schema.shape import Shape, said
from bucketlift.schema.values import Items, Word, listed, mapping, once

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""RFC 5321 without quoted local parts and address literals; no character that could start another header."""
_LONGEST = 254


def _address(value: str) -> str:
    if len(value) > _LONGEST or not _ADDRESS.fullmatch(value):
        raise said(
            "not an e-mail address", "It looks like hr@example.com; a domain beyond ASCII begins xn--."
        )
    return value


_ONE = Annotated[str, Field(examples=["hr@example.com"])]
_SOME = Annotated[list[str], Field(min_length=1)]
Addresses = Annotated[
    Items[Annotated[str, AfterValidator(_address)]],
    Field(min_length=1),
    AfterValidator(once),
    BeforeValidator(listed, json_schema_input_type=_ONE | _SOME),
    PlainSerializer(lambda addresses: addresses[0] if len(addresses) == 1 else addresses),
]


class NotifyShape(Shape, makes=Notify):
    """Occasions, and the e-mail addresses or the webhook that are notified."""

    when: Annotated[Items[Word[Occasion]], Field(min_length=1), AfterValidator(once)]
    email: Addresses | None = None
    webhook: Secret | None = None
    signing: Secret | None = None
    expected: Annotated[Schedule, mapping(ScheduleShape)] | None = None

    @model_validator(mode="after")
    def _somebody(self) -> Self:
        if (self.email is None) == (self.webhook is None):
            raise said("a notice has either `email` or `webhook`, and not both", "Set one of them.")
        if self.signing is not None and self.webhook is None:
            raise said("only a webhook is signed", "Take `signing` out, or give a webhook.")
        if (Occasion.SILENT in self.when) != (self.expected is not None):
            hint = 'Write when: [silent] with expected: {every: weekday, at: "08:00"}.'
            raise said("`silent` needs `expected`, and `expected` needs `silent`", hint)
        return self
