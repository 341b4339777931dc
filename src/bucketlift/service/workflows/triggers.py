"""Lists, checks and changes the triggers of a workflow on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bucketlift.definition.fragments import TRIGGER_DEPTH, trigger_from
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.errors import NotFound, RequestWrong
from bucketlift.ledger.workflows.drafts import Creation, Form
from bucketlift.model.trigger import OnSchedule
from bucketlift.rules.schedules.firing import next_fires
from bucketlift.rules.schedules.words import words
from bucketlift.schema.schedules import zones
from bucketlift.service.core.app import App
from bucketlift.service.editor import drafts
from bucketlift.service.editor.drafts import Draft
from bucketlift.service.editor.page_words import hint_on_page, on_page

SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One trigger of a workflow, described in words."""

    position: int
    kind: str
    """The kind of the trigger: schedule, after or event; empty if the trigger cannot be read."""
    words: str
    next: tuple[datetime, ...] = ()


class TriggerWrong(RequestWrong):
    """A trigger is not valid. ``fields`` has a message for each wrong key."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self.fields = dict(fields)
        super().__init__(next(iter(self.fields.values())))


def all_zones() -> tuple[str, ...]:
    return tuple(sorted(zones()))


def cards(document: Form, now: datetime) -> tuple[Card, ...]:
    return tuple(
        _card(position, settings, now) for position, settings in enumerate(document.get("triggers", ()))
    )


def upcoming(settings: Mapping[str, Any], now: datetime) -> tuple[datetime, ...]:
    """The next times of a schedule.

    Raises:
        TriggerWrong: the schedule is not valid.
    """
    trigger = checked({"schedule": dict(settings)})
    assert isinstance(trigger, OnSchedule)  # noqa: S101 - a schedule was passed
    return next_fires(trigger.schedule, now, SHOWN)


def checked(settings: Mapping[str, Any]) -> object:
    """Compile the settings of a trigger.

    Raises:
        TriggerWrong: the settings are not valid.
    """
    try:
        return trigger_from(settings)
    except DefinitionWrong as error:
        raise TriggerWrong(
            {_field(each.path, each.what): _message(each.what, each.hint) for each in error.problems}
        ) from None


def keep(
    app: App,
    workflow: str,
    position: int | None,
    settings: Form,
    *,
    number: int | None = None,
    by: str | None = None,
    form: str = "",
    secrets: Mapping[str, str] | None = None,
) -> Draft:
    """Replace the trigger at this position, or add a trigger if ``position`` is None.

    ``form`` is the key of the form that adds a trigger. A form that is sent again replaces the trigger that
    it added. ``secrets`` are new secrets that the trigger names.

    Raises:
        ChangedMeanwhile, NotFound: as in ``drafts.change``.
        TriggerWrong: the trigger is not valid.
    """
    checked(settings)
    if "after" in settings:
        _check_followed(app, workflow, settings["after"]["workflow"])

    creation = Creation(key=form) if form else None

    def edit(document: Form) -> Form:
        kept = list(document.get("triggers", ()))
        if creation and position is None and creation.made in kept:
            kept[kept.index(creation.made)] = settings
        elif position is None:
            kept.append(settings)
        else:
            _require(kept, position, workflow)
            kept[position] = settings
        if creation:
            creation.made = settings
        return document | {"triggers": kept}

    return drafts.change(app, workflow, edit, number=number, by=by, creation=creation, secrets=secrets)


def made_by(app: App, draft: Draft, form: str) -> int | None:
    """The position of the trigger that the form with this key added; None if there is none."""
    made, triggers = drafts.made(app, draft.key, form), draft.document.get("triggers", [])
    return triggers.index(made) if made and made in triggers else None


def remove(
    app: App, workflow: str, position: int, *, number: int | None = None, by: str | None = None
) -> Draft:
    """Remove the trigger at this position.

    Raises:
        ChangedMeanwhile, NotFound: as in ``drafts.change``.
    """

    def edit(document: Form) -> Form:
        kept = list(document.get("triggers", ()))
        _require(kept, position, workflow)
        return document | {"triggers": kept[:position] + kept[position + 1 :]}

    return drafts.change(app, workflow, edit, number=number, by=by)


def at(draft: Draft, position: int) -> Form:
    """The form of the trigger at this position.

    Raises:
        NotFound: there is no trigger at this position.
    """
    kept = draft.document.get("triggers", ())
    _require(kept, position, draft.key)
    found: Form = kept[position]
    return found


def followable(app: App, workflow: str) -> tuple[tuple[str, str], ...]:
    """Keys and titles of the workflows after which this workflow can run."""
    known = app.ledger.catalog.workflows()
    return tuple((key, each.workflow.title) for key, each in known.items() if key != workflow)


def _require(kept: Any, position: int, workflow: str) -> None:
    if not 0 <= position < len(kept):
        raise NotFound("This trigger no longer exists", to=workflow, hint="Reload the workflow.")


def _card(position: int, settings: Form, now: datetime) -> Card:
    kind = next(iter(settings), "")
    try:
        trigger = trigger_from(settings)
    except DefinitionWrong:
        return Card(position=position, kind=kind, words="Not valid")
    text = words(trigger)
    coming = next_fires(trigger.schedule, now, SHOWN) if isinstance(trigger, OnSchedule) else ()
    return Card(position=position, kind=kind, words=text[0].upper() + text[1:], next=coming)


def _field(path: tuple[str | int, ...], what: str) -> str:
    """The name of the input to which a problem belongs. If a key is missing, the message contains its name."""
    inside = [str(step) for step in path[TRIGGER_DEPTH + 1 :] if isinstance(step, str)]
    if inside:
        return ".".join(inside[:2])
    return what.split("`")[1] if "is missing" in what else ""


_ON_PAGE = {
    "`on` is missing": "Choose at least one day.",
    "`at` is missing": "Enter a time.",
    "`at` is empty": "Enter a time.",
    "`cron` is empty": "Enter the five fields.",
}
"""The messages of the form that replace the problems of the document."""


def _message(what: str, hint: str) -> str:
    if what in _ON_PAGE:
        return _ON_PAGE[what]
    advice = hint_on_page(what, hint)
    return f"{on_page(what)}. {advice}" if advice else f"{on_page(what)}."


def _check_followed(app: App, workflow: str, other: str) -> None:
    if other not in dict(followable(app, workflow)):
        raise TriggerWrong({"workflow": "Choose another workflow."})
