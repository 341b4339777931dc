"""The notification settings of a workflow, and the resulting notices."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bucketlift.model.account import SecretRef
from bucketlift.model.trigger import Schedule


class Occasion(StrEnum):
    """What a notice is about, most urgent first. A notice about several occasions is named after its first one."""

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
    """A URL that receives notices by HTTP. It may contain credentials, so it is a secret."""

    webhook: SecretRef
    signing: SecretRef | None = None
    """The key that notices are signed with."""


Channel = Mailbox | Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """One entry of a workflow's ``notify``: the occasions, and the addresses or webhook that are notified."""

    when: tuple[Occasion, ...]
    email: tuple[str, ...] = ()
    webhook: SecretRef | None = None
    signing: SecretRef | None = None
    expected: Schedule | None = None
    """When files are expected: a notice is sent at each of these times if nothing arrived."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """One channel per address, so that a refused address does not delay the others."""
        hooks = () if self.webhook is None else (Webhook(webhook=self.webhook, signing=self.signing),)
        return (*(Mailbox(email=address) for address in self.email), *hooks)


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    """Tried without success for about a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message for one channel."""

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
