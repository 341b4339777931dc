"""A run that writes nothing, neither to the ledger nor to a destination.

It shows the keys that a run would take, the result of reading them, and why a run would leave the other keys.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import Any

from bucketlift.engine.context.cancel import NeverCancelled
from bucketlift.engine.context.run_context import RunContext, Services
from bucketlift.engine.listing.listing_preview import ListedKey, preview_listing
from bucketlift.engine.reading.read_file import Outcome, read
from bucketlift.engine.reading.trials import Directories, Trials
from bucketlift.model.claim import Claim
from bucketlift.model.lifecycle import FileState
from bucketlift.model.run import Lease, RunId
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.transition import Content, Transition
from bucketlift.model.workflow import ConditionTask, Definition, ExtractTask
from bucketlift.rules.document import FORMAT, file_outcome, time_text
from bucketlift.rules.reach import Reach
from bucketlift.rules.take import Decision

FILES_READ = 100
"""Maximum number of files that a dry run reads completely.

For further files it reports only that a run would take them.
"""
KEYS_SHOWN = 1_000


def dry_run(
    services: Services, definition: Definition, directories: Directories, *, now: datetime
) -> dict[str, Any]:
    """The summary of a run that would start now. It has a decision and a reason for each key. For loads of
    contacts or employees, it also shows what the rows would change.

    Raises:
        AccessRefused, NotFound, StoreUnavailable: the bucket could not be listed.
    """
    lease = Lease(workflow=definition.workflow.key, token=0)
    context = RunContext(
        services=services, run=RunId("dry"), lease=lease, definition=definition, pulse=NeverCancelled()
    )
    trials = Trials.of(context, directories)
    tasks, keys = [], []
    for task in definition.workflow.tasks:
        if isinstance(task, ExtractTask):
            outcome, looked = _extract(context, task, trials)
            tasks.append(outcome)
            keys += looked
        elif isinstance(task, ConditionTask | TransformTask):
            tasks.append({"id": task.id, "state": "skipped"})
        else:
            rows = {"inserted": 0, "updated": 0, "unchanged": 0}
            place = {"destination": task.destination, "table": task.target.table}
            tasks.append({"id": task.id, "state": "skipped", **place, "rows": rows} | trials.result(task.id))
    return {
        "format": FORMAT,
        "dry_run": True,
        "run": None,
        "workflow": definition.workflow.key,
        "trigger": "demand",
        "state": "succeeded",
        "attention": services.ledger.counts.attention(definition.workflow.key),
        "started_at": time_text(now),
        "finished_at": time_text(services.clock.now()),
        "tasks": tasks,
        "files": keys[:KEYS_SHOWN],
        "next": str(KEYS_SHOWN) if len(keys) > KEYS_SHOWN else None,
    }


def _extract(
    context: RunContext, task: ExtractTask, trials: Trials
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    files = dict.fromkeys(("found", "known", "loaded", "held", "skipped", "failed", "gone", "superseded"), 0)
    rows: Counter[str] = Counter()
    keys: list[dict[str, Any]] = []
    size = 0
    reach = Reach(prefix=task.selection.prefix)
    for page in preview_listing(
        context, task, context.ledger.survey.open_claims(context.workflow.key, task.id)
    ):
        for looked in page:
            word, shown = _decided(context, task, looked, trials, files["found"])
            if word is not None:
                files[word] += 1
                reach.add(looked.listed.key)
            if word not in (None, "known"):
                files["found"] += 1
                size += looked.listed.size
                _count_rows(rows, str(word), shown)
            if len(keys) <= KEYS_SHOWN:
                keys.append(shown)
    counted = {word: rows[word] for word in ("loaded", "rejected", "held", "skipped", "failed")}
    totals = {"read": sum(counted.values()), **counted}
    answer = {"id": task.id, "state": "succeeded", "files": files, "rows": totals, "bytes": size}
    return answer | _several(reach), keys


def _several(reach: Reach) -> dict[str, Any]:
    """The folders that the prefix matches, if the prefix ends inside a name and matches more than one folder."""
    if not reach.is_several:
        return {}
    return {"folders": reach.listed(), "more_folders": reach.unlisted}


_WORDS = {
    Decision.KNOWN: "known",
    Decision.HELD: "known",
    Decision.REPEATED_HOLD: "held",
    Decision.TOO_BIG: "held",
    Decision.BAD_LISTING: "held",
    Decision.REPEATED_SKIP: "skipped",
    Decision.BEFORE_START: "skipped",
}
_READ_AS = {
    FileState.STAGED: "loaded",
    FileState.HELD: "held",
    FileState.ARCHIVED_TIER: "held",
    FileState.SKIPPED: "skipped",
    FileState.GONE: "gone",
    FileState.SUPERSEDED: "superseded",
}


def _decided(
    context: RunContext, task: ExtractTask, looked: ListedKey, trials: Trials, taken: int
) -> tuple[str | None, dict[str, Any]]:
    """For one key: the name of the count that includes it (None if the key is not selected), and its entry in
    the summary.
    """
    decision, reason = looked.taken.decision, looked.taken.reason
    claim = looked.claim or Claim(
        id=context.claim_id(task.id, looked.source),
        source=looked.source,
        workflow=context.workflow.key,
        task=task.id,
        state=FileState.FOUND,
    )
    shown = file_outcome(claim) | {"decision": decision.value, "reason": reason}
    if decision is not Decision.TAKE:
        return _WORDS.get(decision), shown
    if taken >= FILES_READ:
        trials.leave_out(task.id)
        return "loaded", shown
    outcome = _read(context, task, claim, trials, archived=looked.listed.archived)
    shown |= {
        "state": outcome.state.value,
        "what": outcome.transition.what,
        "hint": outcome.transition.hint,
    }
    content = outcome.transition.content or Content()
    shown |= {"rows": content.rows, "rejected": content.rejected}
    if outcome.state is not FileState.STAGED:
        shown["reason"] = outcome.transition.reason
    return _READ_AS.get(outcome.state, "failed"), shown


def _read(context: RunContext, task: ExtractTask, claim: Claim, trials: Trials, *, archived: bool) -> Outcome:
    if archived:
        return Outcome(
            transition=Transition(
                claim=claim.id, was=claim.state, to=FileState.ARCHIVED_TIER, reason="archived-tier"
            )
        )
    outcome = read(context, task, context.services.connections.store(context.workflow.key, task), claim)
    if outcome.state is FileState.STAGED:
        trials.add(task.id, claim)
    context.services.spool.drop(claim.id)
    return outcome


def _count_rows(rows: Counter[str], word: str, shown: dict[str, Any]) -> None:
    if word == "loaded":
        rows["loaded"] += shown["rows"]
        rows["rejected"] += shown["rejected"]
    elif word in ("held", "skipped", "failed"):
        rows[word] += shown["rows"] + shown["rejected"]
