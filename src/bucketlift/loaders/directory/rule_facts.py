"""Finds out whether merge rules are new to a directory, and how many of its contacts each rule cannot tell
apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from bucketlift.loaders.directory.rules import each_person, known_rules
from bucketlift.loaders.directory.tables import match_keys, people
from bucketlift.model.directory.people import RuleFacts
from bucketlift.model.directory.targets import CONTACTS
from bucketlift.rules.directory.merging import Rule

COUNTED = 100_000
"""Maximum number of contacts in a directory for which the keys of a new rule are computed, if the keys are
used only for counting.
"""


def facts_of(connection: sa.Connection, rules: Sequence[tuple[str, ...]]) -> tuple[RuleFacts, ...]:
    known = known_rules(connection, CONTACTS)
    numbers = {rule.fields: number for rule, number in known.items()}
    new = [Rule(fields=fields) for fields in rules if fields not in numbers]
    counted = _shared_by_new(connection, new) if new else {}
    return tuple(
        RuleFacts(fields=fields, is_new=False, shared=_shared(connection, numbers[fields]))
        if fields in numbers
        else RuleFacts(fields=fields, is_new=True, shared=counted.get(fields))
        for fields in rules
    )


def _shared(connection: sa.Connection, rule: int) -> int:
    """The number of contacts that share their key with another contact. ``rule``: the number of the rule that
    gives the keys.
    """
    count = sa.func.count().label("number")
    keys = sa.select(count).where(match_keys.c.rule == rule).group_by(match_keys.c.key).having(count > 1)
    return int(connection.scalar(sa.select(sa.func.sum(keys.subquery().c.number))) or 0)


def _shared_by_new(connection: sa.Connection, new: Sequence[Rule]) -> dict[tuple[str, ...], int]:
    """For each new rule, the number of contacts that would share their key with another contact. The result
    is empty if the directory has too many contacts to compute the keys now.
    """
    total = connection.scalar(sa.select(sa.func.count()).select_from(people).where(people.c.kind == CONTACTS))
    if int(total or 0) > COUNTED:
        return {}
    keys: dict[tuple[str, ...], Counter[bytes]] = {rule.fields: Counter() for rule in new}
    for some in each_person(connection, CONTACTS):
        for rule in new:
            keys[rule.fields].update(key for row in some if (key := rule.key(row.data)))
    return {fields: sum(number for number in found.values() if number > 1) for fields, found in keys.items()}
