"""Sorts the loads of a file."""

from __future__ import annotations

from collections.abc import Iterable

from bucketlift.model.directory.targets import ContactsTarget
from bucketlift.model.workflow import LoadTask


def in_load_order(loads: Iterable[LoadTask]) -> tuple[LoadTask, ...]:
    """Sort loads: contacts first.

    A row that the directory refuses becomes a reject, so no other load may have loaded the row before.
    """
    return tuple(sorted(loads, key=lambda load: not isinstance(load.target, ContactsTarget)))
