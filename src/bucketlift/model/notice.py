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
    LATE = "late"
    """A scheduled run did not end in time, or no file arrived by the expected time."""
    UNUSUAL = "unusual"
    """The run loaded far more or far fewer rows than usual."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Slack:
    """An incoming webhook of Slack. Its URL is a secret, because whoever has it can post messages."""

    slack: SecretRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Teams:
    """A webhook of a workflow in Microsoft Teams. Its URL is a secret, too."""

    teams: SecretRef


Channel = Mailbox | Webhook | Slack | Teams


@dataclass(frozen=True, slots=True, kw_only=True)
class Notify:
    """One entry of a workflow's ``notify``: the occasions, and the addresses or the webhook to which notices
    are sent.
    """

    when: tuple[Occasion, ...]
    email: tuple[str, ...] = ()
    webhook: SecretRef | None = None
    signing: SecretRef | None = None
    slack: SecretRef | None = None
    teams: SecretRef | None = None
    expected: Schedule | None = None
    """The times at which files are expected. At each of these times, a notice is sent if no file arrived. If
    this is None, the expected times of the workflow apply.
    """

    @property
    def channels(self) -> tuple[Channel, ...]:
        """One channel for each address or webhook, so that an address that refuses the notice does not delay
        the others.
        """
        found: list[Channel] = [Mailbox(email=address) for address in self.email]
        if self.webhook is not None:
            found.append(Webhook(webhook=self.webhook, signing=self.signing))
        if self.slack is not None:
            found.append(Slack(slack=self.slack))
        if self.teams is not None:
            found.append(Teams(teams=self.teams))
        return tuple(found)


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
