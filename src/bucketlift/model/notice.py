"""The settings for a workflow's notices, and the notices themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from bucketlift.model.account import SecretRef
from bucketlift.model.trigger import Schedule


class Occasion(StrEnum):
    """What a notice is about, most urgent first. A notice about several occasions is named after the most
    urgent one.
    """

    FAILED = "failed"
    HELD = "held"
    """The run held files, or the actions on files, that were not held before."""
    SUCCEEDED = "succeeded"
    SILENT = "silent"
    """No file arrived by the expected time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One e-mail address."""

    email: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A URL that receives notices by HTTP. It may contain credentials, so it is a secret."""

    webhook: SecretRef
    signing: SecretRef | None = None
    """The key with which notices are signed."""


Channel = Mailbox | Webhook


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """One entry of a workflow's ``notify``: the occasions, and the addresses or the webhook to which notices
    are sent.
    """

    when: tuple[Occasion, ...]
    email: tuple[str, ...] = ()
    webhook: SecretRef | None = None
    signing: SecretRef | None = None
    expected: Schedule | None = None
    """The times at which files are expected. At each of these times, a notice is sent if no file arrived."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """One channel for each address or webhook, so that an address that refuses the notice does not delay
        the others.
        """
        hooks = () if self.webhook is None else (Webhook(webhook=self.webhook, signing=self.signing),)
        return (*(Mailbox(email=address) for address in self.email), *hooks)


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    GIVEN_UP = "given-up"
    """Sending failed for about a day, so no further attempt is made."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A message that is sent through one channel."""

    id: str
    workflow: str
    run: str | None
    occasion: str
    channel: Channel
    body: dict[str, Any]
    """The facts, in the documented form of a webhook's body. They never contain the content of a cell."""
    made_at: datetime
    due_at: datetime
    state: NoticeState = NoticeState.WAITING
    tries: int = 0
    note: str | None = None
    """Why the last attempt to send the notice failed."""
    sent_at: datetime | None = None
