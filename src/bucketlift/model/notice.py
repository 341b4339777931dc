"""Whom a workflow tells about what, and the notices that come of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bucketlift.model.account import SecretRef
from bucketlift.model.trigger import Schedule


class Occasion(StrEnum):
    """What a notice is about, the most pressing first: it names a notice that has several."""

    FAILED = "failed"
    HELD = "held"
    """The run newly held files, or their actions."""
    SUCCEEDED = "succeeded"
    SILENT = "silent"
    """Nothing arrived by the expected time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One e-mail address."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """An address that takes notices by HTTP. It may let its holder in, so it is a secret itself."""

    webhook: SecretRef
    signing: SecretRef | None = None
    """The key that notices are signed with."""


Channel = Mailbox | Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """One entry of a workflow's ``notify``: these occasions are told to these addresses, or to this webhook."""

    when: tuple[Occasion, ...]
    email: tuple[str, ...] = ()
    webhook: SecretRef | None = None
    signing: SecretRef | None = None
    expected: Schedule | None = None
    """By when something should have arrived: silence is told of at each of these times."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """Each address by itself, so that one that is refused keeps nobody else waiting."""
        hooks = () if self.webhook is None else (Webhook(webhook=self.webhook, signing=self.signing),)
        return (*(Mailbox(email=address) for address in self.email), *hooks)


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    """Tried for about a day, in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Something that one channel is to be told."""

    id: str
    workflow: str
    run: str | None
    occasion: str
    channel: Channel
    body: dict[str, Any]
    """The facts, in the documented form of a webhook's body. Never the content of a cell."""
    made_at: datetime
    due_at: datetime
    state: NoticeState = NoticeState.WAITING
    tries: int = 0
    note: str | None = None
    """Why the last try failed."""
    sent_at: datetime | None = None
