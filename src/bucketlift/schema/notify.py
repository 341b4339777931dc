"""The shape of a workflow's notices: recipients and occasions."""

from __future__ import annotations

import re
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, PlainSerializer, model_validator

from bucketlift.model.notice import Notify, Occasion
from bucketlift.model.trigger import Schedule
from bucketlift.schema.schedules import ScheduleShape
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import Shape, invalid
from bucketlift.schema.values import AtLeastOne, Choice, as_list, written_as

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")
"""Matches the addresses of RFC 5321, without quoted local parts, address literals and characters that could
start a header.
"""
_LONGEST = 254


def _address(value: str) -> str:
    if len(value) > _LONGEST or not _ADDRESS.fullmatch(value):
        raise invalid(
            "not an e-mail address",
            "Write an address such as hr@example.com. Write a domain with non-ASCII letters in its ASCII form (xn--...).",
        )
    return value


_ONE = Annotated[str, Field(examples=["hr@example.com"])]
_SOME = Annotated[list[str], Field(min_length=1)]
Addresses = Annotated[
    AtLeastOne[Annotated[str, AfterValidator(_address)]],
    BeforeValidator(as_list, json_schema_input_type=_ONE | _SOME),
    PlainSerializer(lambda addresses: addresses[0] if len(addresses) == 1 else addresses),
]


class NotifyShape(Shape, model=Notify):
    """When to send a notice, and to which e-mail addresses, webhook, or channel of Slack or Teams."""

    when: AtLeastOne[Choice[Occasion]]
    email: Addresses | None = None
    webhook: Secret | None = None
    signing: Secret | None = None
    slack: Secret | None = None
    teams: Secret | None = None
    expected: Annotated[Schedule, written_as(ScheduleShape)] | None = None

    @model_validator(mode="after")
    def _check_recipient(self) -> Self:
        recipients = (self.email, self.webhook, self.slack, self.teams)
        if sum(each is not None for each in recipients) != 1:
            raise invalid(
                "a notice has exactly one of `email`, `webhook`, `slack` and `teams`", "Set one of them."
            )
        if self.signing is not None and self.webhook is None:
            raise invalid("`signing` can only be used with `webhook`", "Remove `signing`, or set `webhook`.")
        if self.expected is not None and not {Occasion.SILENT, Occasion.LATE}.intersection(self.when):
            hint = 'Write when: [silent] with expected: {every: weekday, at: "08:00"}.'
            raise invalid("`expected` can only be used with `silent` or `late`", hint)
        return self
