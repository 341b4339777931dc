"""Converts the model's values to JSON for the ledger, and back."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from bucketlift.model.account import AccountSettings, DestinationSettings
from bucketlift.model.notice import Channel, Occasion
from bucketlift.model.trigger import Trigger
from bucketlift.model.workflow import AfterImport, Workflow

T = TypeVar("T")


@cache
def _adapter(form: Any) -> TypeAdapter[Any]:
    return TypeAdapter(form)


def dump(form: Any, value: object) -> Any:
    """Convert a value of the type ``form`` to JSON types."""
    return _adapter(form).dump_python(value, mode="json")


def load(kind: type[T], stored: Any) -> T:
    """Convert JSON types to a value of the class ``kind``. There is another function for a union of classes."""
    form: Any = kind  # a class is hashable, but mypy does not know this for ``type[T]``
    value: T = _adapter(form).validate_python(stored)
    return value


def load_workflow(stored: Any) -> Workflow:
    expected = stored.get("expected")
    entries = (_notify(each, expected=expected) for each in stored.get("notify", ()))
    notify = [entry for entry in entries if entry["when"]]
    triggers = [each for each in stored.get("triggers", ()) if _is_trigger(each)]
    workflow: Workflow = _adapter(Workflow).validate_python(
        {**stored, "notify": notify, "triggers": triggers}
    )
    return workflow


def _is_trigger(stored: Any) -> bool:
    """Whether this version of Bucketlift knows the kind of a stored trigger.

    Bucketlift's first version stored triggers of kinds that it did not support.
    """
    try:
        _adapter(Trigger).validate_python(stored)
    except ValidationError:
        return False
    return True


def _notify(stored: Any, *, expected: Any) -> dict[str, Any]:
    """Convert a ``notify`` entry that Bucketlift's first version stored. It had one e-mail address as a text,
    and could have unknown occasions, which are dropped.
    """
    email = stored.get("email")
    return {
        **stored,
        "when": [
            word
            for word in stored["when"]
            if word in set(Occasion) and (word != Occasion.SILENT or stored.get("expected") or expected)
        ],
        "email": [email] if isinstance(email, str) else email or [],
    }


def load_channel(stored: Any) -> Channel:
    channel: Channel = _adapter(Channel).validate_python(stored)
    return channel


def load_account(stored: Any) -> AccountSettings:
    settings: AccountSettings = _adapter(AccountSettings).validate_python(stored)
    return settings


def load_destination(stored: Any) -> DestinationSettings:
    settings: DestinationSettings = _adapter(DestinationSettings).validate_python(stored)
    return settings


def load_action(stored: Any) -> AfterImport:
    action: AfterImport = _adapter(AfterImport).validate_python(stored)
    return action
