"""Finds out what the rows of a load would change in a directory. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from bucketlift.loaders.directory.counters import Counters
from bucketlift.loaders.directory.found_people import people_with_keys
from bucketlift.loaders.directory.opening import Place, reading
from bucketlift.loaders.directory.rows import Row, batches
from bucketlift.loaders.directory.rules import each_person, find_keys, known_rules, rules_of
from bucketlift.model.directory.targets import IDENTIFIER
from bucketlift.model.directory.trial import TrialResult, TriedRow
from bucketlift.model.load import Target
from bucketlift.model.rows import RowStream
from bucketlift.rules.directory.merging import (
    Batch,
    Effect,
    Key,
    PersonId,
    Placed,
    RowKeys,
    Rule,
    keys_of_row,
)

MOST_ROWS = 50_000
"""Maximum number of rows of a trial, so that a trial needs little memory."""
EXAMPLES = 3
"""Maximum number of example rows for each effect."""
_WORDS = {
    Effect.INSERTED: "new",
    Effect.UPDATED: "updated",
    Effect.UNCHANGED: "unchanged",
    Effect.AMBIGUOUS: "ambiguous",
}


@dataclass(kw_only=True)
class DirectoryTrial:
    place: Place
    target: Target
    most_rows: int = MOST_ROWS
    _rows: list[tuple[str, Row]] = field(default_factory=list)
    _complete: bool = True

    def add(self, file: str, stream: RowStream) -> None:
        """Add the rows of a file to the trial. Rows beyond the maximum number are left out."""
        for batch in batches(stream, self.target):
            left = self.most_rows - len(self._rows)
            self._rows += [(file, row) for row in batch[:left]]
            if len(batch) > left:
                self._complete = False
                return

    def result(self) -> TrialResult:
        placed, rules = self._placed()
        counted = Counter(each.effect for each in placed)
        return TrialResult(
            rows=len(placed),
            complete=self._complete,
            counts={word: counted[effect] for effect, word in _WORDS.items()},
            examples=tuple(self._examples(placed, rules)),
        )

    def _placed(self) -> tuple[list[Placed], Sequence[Rule]]:
        """The effect that each row would have, and the merge rules. The effects name a rule by its position
        among these rules.
        """
        with reading(self.place) as connection:
            known = known_rules(connection, self.target.table) if connection else {}
            own = rules_of(self.target)
            rules = list(dict.fromkeys((*known, *own)))
            rules_used = [rules.index(rule) for rule in own]
            keys = [keys_of_row(rules, rules_used, row.values) for _, row in self._rows]
            found = _found(connection, rules, known, keys, self.target.table) if connection else {}
            batch = Batch(
                rules=rules,
                rules_used=rules_used,
                people=people_with_keys(connection, found) if connection else {},
                found=found,
                next_person=Counters.read(connection).person if connection else 1,
            )
        placed = [batch.place(row.values, each) for (_, row), each in zip(self._rows, keys, strict=True)]
        return placed, rules

    def _examples(self, placed: Sequence[Placed], rules: Sequence[Rule]) -> Iterable[TriedRow]:
        shown = Counter[Effect]()
        for (file, row), each in zip(self._rows, placed, strict=True):
            shown[each.effect] += 1
            if shown[each.effect] > EXAMPLES:
                continue
            fields = rules[each.rule or 0].fields if each.effect is Effect.AMBIGUOUS else tuple(each.changes)
            people = (row.values[IDENTIFIER],) if IDENTIFIER in row.values else tuple(map(str, each.people))
            yield TriedRow(effect=_WORDS[each.effect], file=file, line=row.line, people=people, fields=fields)


def _found(
    connection: sa.Connection,
    rules: Sequence[Rule],
    known: Mapping[Rule, int],
    keys: Sequence[RowKeys],
    kind: str,
) -> dict[Key, set[PersonId]]:
    """The people in the directory who have the keys of the rows. Rules that no load has used have no stored
    keys, so for them all people are read once.
    """
    wanted: dict[int, set[bytes]] = {}
    for position, key in (each for row in keys for each in row):
        wanted.setdefault(position, set()).add(key)
    stored = {position: some for position, some in wanted.items() if rules[position] in known}
    found = find_keys(connection, list(known.values()), stored)
    new = {position: some for position, some in wanted.items() if position not in stored}
    for some in each_person(connection, kind) if new else ():
        for row in some:
            for position, values in new.items():
                has = rules[position].key(row.data)
                if has in values:
                    found.setdefault((position, has), set()).add(PersonId(row.id))
    return found
