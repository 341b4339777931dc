"""Names of mailing lists that contain a date. ``Staff {date}`` names a different list on each day."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.load import Target

DATE = "{date}"
_PLACEHOLDER = re.compile(r"\{[^{}]*\}")


def unknown_placeholders(name: str) -> list[str]:
    return [found for found in _PLACEHOLDER.findall(name) if found != DATE]


def has_dated_list(target: Target) -> bool:
    return isinstance(target, ContactsTarget) and target.list is not None and DATE in target.list


def with_list_of(target: Target, day: date) -> Target:
    """The target with this day in the name of its mailing list."""
    if not isinstance(target, ContactsTarget) or target.list is None:
        return target
    return replace(target, list=target.list.replace(DATE, day.isoformat()))
