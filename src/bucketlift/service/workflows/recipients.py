"""The recipients of a workflow's notices, as users edit them on the page."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.definition.fragments import notify_from, workflow_settings_from
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import Creation, Form
from bucketlift.model.account import VaultSecret
from bucketlift.model.notice import Channel, Notify, Occasion, Slack, Teams, Webhook
from bucketlift.rules.schedules.words import schedule_words
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.page_words import hint_on_page, on_page
from bucketlift.service.ops import notices
from bucketlift.service.ops.webhook_servers import SECRET, SERVERS, require_webhook_server
from bucketlift.service.secrets.secrets import forget

HOOKS = (*SERVERS, "webhook")
SHOWN = 20
"""Number of sent notices that the page lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """One entry of ``notify``."""

    position: int
    to: tuple[str, ...]
    when: tuple[str, ...]
    expected: str | None = None
    """Its own expected times, in words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRecipient:
    """What a user entered. ``address`` is a list of e-mail addresses, or the URL of a webhook."""

    kind: str
    address: str
    when: tuple[str, ...]


def recipients(draft: Draft) -> tuple[Recipient, ...]:
    """The recipients of a workflow with its unpublished changes. An entry that cannot be read is left out."""
    found = []
    for position, settings in enumerate(draft.document.get("notify") or ()):
        try:
            entry = notify_from(settings)
        except DefinitionWrong:
            continue
        found.append(
            Recipient(
                position=position,
                to=tuple(_shown(each) for each in entry.channels),
                when=tuple(each.value for each in Occasion if each in entry.when),
                expected=None if entry.expected is None else schedule_words(entry.expected),
            )
        )
    return tuple(found)


def expected_in_words(draft: Draft) -> str | None:
    """The expected times of a workflow's files in words; None if there are none."""
    if not draft.document.get("expected"):
        return None
    try:
        expected = workflow_settings_from({"expected": draft.document["expected"]}).expected
    except DefinitionWrong:
        return None
    return None if expected is None else schedule_words(expected)


def add(app: App, workflow: str, new: NewRecipient, *, number: int | None, by: str, form: str = "") -> None:
    """Add a recipient. The URL of a webhook is stored as a secret, and never shown again.

    ``form`` is the key of the form. A form that is sent again replaces the recipient that it added.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
        RequestWrong: a value is missing or wrong, or the server is not one of the allowed ones.
    """
    _require_when(drafts.get(app, workflow), new.when)
    settings, stored = _settings(app, new)
    _checked(settings)
    creation = Creation(key=form) if form else None
    before: list[Form] = []

    def edit(document: Form) -> Form:
        entries = list(document.get("notify") or [])
        if creation and creation.made in entries:
            before.append(creation.made)
            entries[entries.index(creation.made)] = settings
        else:
            entries.append(settings)
        if creation:
            creation.made = settings
        return document | {"notify": entries}

    drafts.change(app, workflow, edit, number=number, by=by, creation=creation, secrets=stored)
    forget(app, [each[kind]["secret"] for each in before for kind in HOOKS if kind in each])


def _settings(app: App, new: NewRecipient) -> tuple[Form, dict[str, str]]:
    """The entry of a new recipient, and the secrets to store for it."""
    if new.kind == "email":
        return {"when": list(new.when), "email": new.address.replace(",", " ").split()}, {}
    if new.kind not in HOOKS:
        raise RequestWrong("Choose a kind of recipient", to="kind")
    url, name = new.address.strip(), f"{SECRET}{secrets.token_hex(6)}"
    require_webhook_server(new.kind, url, app.allowed)
    return {"when": list(new.when), new.kind: {"secret": name}}, {name: url}


def set_when(
    app: App, workflow: str, position: int, when: Sequence[str], *, number: int | None, by: str
) -> None:
    """Change the occasions of a recipient.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
        RequestWrong: no occasion is chosen, or files have no expected time.
    """
    draft = drafts.get(app, workflow)
    entry = _at(draft.document.get("notify") or [], position)
    _require_when(draft, when, own=entry.get("expected"))
    changed = {**entry, "when": list(when)}
    if not {"silent", "late"}.intersection(when):
        changed.pop("expected", None)
    _checked(changed)

    def edit(entries: list[Form]) -> list[Form]:
        _at(entries, position)
        return [changed if place == position else each for place, each in enumerate(entries)]

    _change(app, workflow, edit, number=number, by=by)


def remove(app: App, workflow: str, position: int, *, number: int | None, by: str) -> None:
    """Remove a recipient. Its stored URL is deleted when the change is published.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
    """

    def edit(entries: list[Form]) -> list[Form]:
        _at(entries, position)
        return entries[:position] + entries[position + 1 :]

    _change(app, workflow, edit, number=number, by=by)


def set_expected(
    app: App, workflow: str, schedule: Mapping[str, Any] | None, *, number: int | None, by: str
) -> None:
    """Set the times at which files are expected; None if there are none.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
        RequestWrong: the times are wrong, or a recipient needs them.
    """
    if schedule is None:
        for entry in drafts.get(app, workflow).document.get("notify") or ():
            if "silent" in entry.get("when", ()) and not entry.get("expected"):
                raise RequestWrong(
                    "A recipient gets a notice if no file arrives",
                    to="expected",
                    hint="Remove the occasion from the recipient first.",
                )
    _set(app, workflow, "expected", None if schedule is None else dict(schedule), number=number, by=by)


def set_tags(app: App, workflow: str, tags: str, *, number: int | None, by: str) -> None:
    """Set the tags of a workflow, from a text with commas.

    Raises:
        ChangedMeanwhile, NotFound, RequestWrong: as in ``drafts.change``.
        RequestWrong: a tag is too long, or there are too many.
    """
    given = list(dict.fromkeys(" ".join(each.split()) for each in tags.split(",") if each.strip()))
    _set(app, workflow, "tags", given, number=number, by=by)


def test(app: App, workflow: str, position: int) -> list[dict[str, Any]]:
    """Send a test notice to one recipient, as it is in the draft. Returns the results.

    Raises:
        NotFound: there is no such recipient.
    """
    draft = drafts.get(app, workflow)
    entry = _checked(_at(draft.document.get("notify") or [], position))
    return notices.test_channels(app, draft.key, draft.title, entry.channels)


def _shown(channel: Channel) -> str:
    """The recipient for the page. The names of secrets that Bucketlift generated say nothing to a user."""
    match channel:
        case Slack(slack=VaultSecret(secret=name)) if name.startswith(SECRET):
            return "Slack, by its webhook"
        case Teams(teams=VaultSecret(secret=name)) if name.startswith(SECRET):
            return "Microsoft Teams, by its webhook"
        case Webhook(webhook=VaultSecret(secret=name)) if name.startswith(SECRET):
            return "A webhook"
        case _:
            return notices.address(channel)


def _change(app: App, workflow: str, edit: Any, *, number: int | None, by: str) -> None:
    def changed(document: Form) -> Form:
        return document | {"notify": edit(list(document.get("notify") or []))}

    drafts.change(app, workflow, changed, number=number, by=by)


def _set(app: App, workflow: str, key: str, value: Any, *, number: int | None, by: str) -> None:
    if value:
        try:
            workflow_settings_from({key: value})
        except DefinitionWrong as error:
            raise _wrong(error, key) from None

    def changed(document: Form) -> Form:
        kept = {name: each for name, each in document.items() if name != key}
        return kept | ({key: value} if value else {})

    drafts.change(app, workflow, changed, number=number, by=by)


def _at(entries: Sequence[Form], position: int) -> Form:
    if not 0 <= position < len(entries):
        raise NotFound("There is no such recipient", to=str(position + 1), hint="Reload the page.")
    return entries[position]


def _checked(settings: Form) -> Notify:
    try:
        return notify_from(settings)
    except DefinitionWrong as error:
        raise _wrong(error, "address") from None


def _wrong(error: DefinitionWrong, to: str) -> RequestWrong:
    first = error.problems[0]
    return RequestWrong(on_page(first.what), to=to, hint=hint_on_page(first.what, first.hint))


def _require_when(draft: Draft, when: Sequence[str], *, own: Any = None) -> None:
    if not when:
        raise RequestWrong("No occasion is chosen", to="when", hint="Choose at least one occasion.")
    if Occasion.SILENT.value in when and not (own or draft.document.get("expected")):
        raise RequestWrong(
            "No expected time of a file is set", to="when", hint="Set the expected time on this page first."
        )
