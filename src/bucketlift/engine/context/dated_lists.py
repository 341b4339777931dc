"""Sets the mailing list of loads of contacts if the name of the list contains a date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from bucketlift.engine.context.run_context import RunContext
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.load import LoadId
from bucketlift.model.workflow import LoadTask
from bucketlift.rules.directory.list_names import has_dated_list, with_list_of

Named = tuple[LoadId, Claim]


def by_list(
    context: RunContext, task: LoadTask, named: Sequence[Named]
) -> Iterable[tuple[LoadTask, list[Named]]]:
    """Divide files into groups that load into the same mailing list. The order of the files is kept, and each
    group has a load task that names its list.
    """
    if not has_dated_list(task.target):
        return [(task, list(named))] if named else []
    days = _days(context, [claim.id for _, claim in named])
    groups = groupby(named, key=lambda pair: days[pair[1].id])
    return [(_on(task, day), list(some)) for day, some in groups]


def with_list(context: RunContext, task: LoadTask, claim: ClaimId) -> LoadTask:
    """The load task, with the name of the mailing list into which this file is loaded."""
    return _on(task, _days(context, [claim])[claim]) if has_dated_list(task.target) else task


def _on(task: LoadTask, day: date) -> LoadTask:
    return replace(task, target=with_list_of(task.target, day))


def _days(context: RunContext, claims: Sequence[ClaimId]) -> Mapping[ClaimId, date]:
    """For each file, the UTC day on which a run first took the file. If the file is loaded again, this day
    gives the same mailing list.
    """
    today = context.now().date()
    known = context.ledger.claims.days(claims)
    return {claim: known.get(claim, today) for claim in claims}
