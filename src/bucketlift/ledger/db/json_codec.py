"""How the model's values rest in the ledger as JSON."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bucketlift.model.account import AccountSettings, Deputy, DestinationSettings
from bucketlift.model.advance import Advance
from bucketlift.model.notice import Channel, Occasion
from bucketlift.model.trigger import Trigger
from bucketlift.model.workflow import AfterImport, Workflow

T = TypeVar("T")


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def dump(form: Any, value: object) -> Any:
    """A value as what JSON can hold."""
    return _adapter(form).dump_python(value, mode="json")


def load_workflow(stored: Any) -> Workflow:
    told = [entry for each in stored.get("notify", ()) if (entry := _notify(each))["when"]]
    begun = [each for each in stored.get("triggers", ()) if _is_trigger(each)]
    workflow: Workflow = _adapter(Workflow).validate_python({**stored, "notify": told, "triggers": begun})
    return workflow


def _is_trigger(stored: Any) -> bool:
    """The first version kept whatever stood there, and acted on nothing of it."""
    try:
        _adapter(Trigger).validate_python(stored)
    except ValidationError:
        return False
    return True


def _notify(stored: Any) -> dict[str, Any]:
    """An entry as it rests now. The first version kept one address as plain text, and any occasion."""
    email = stored.get("email")
    return {
        **stored,
        "when": [
            word
            for word in stored["when"]
            if word in set(Occasion) and (word != Occasion.SILENT or stored.get("expected"))
        ],
        "email": [email] if isinstance(email, str) else email or [],
    }


def load_channel(stored: Any) -> Channel:
    channel: Channel = _adapter(Channel).validate_python(stored)
    return channel


def load_account(stored: Any) -> AccountSettings:
    settings: AccountSettings = _adapter(AccountSettings).validate_python(stored)
    return settings


def load_deputy(stored: Any) -> Deputy:
    deputy: Deputy = _adapter(Deputy).validate_python(stored)
    return deputy


def load_destination(stored: Any) -> DestinationSettings:
    settings: DestinationSettings = _adapter(DestinationSettings).validate_python(stored)
    return settings


def load_advance(stored: Any) -> Advance:
    advance: Advance = _adapter(Advance).validate_python(stored)
    return advance


def load_action(stored: Any) -> AfterImport:
    action: AfterImport = _adapter(AfterImport).validate_python(stored)
    return action
