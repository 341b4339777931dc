"""The cards of a draft, one for each task, with a summary of the task on one line and its problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.ledger.workflows.drafts import Form
from bucketlift.model.delivery import Promise
from bucketlift.model.load import DEFAULT_BATCH
from bucketlift.model.objects.target import DEFAULT_NAME
from bucketlift.rules.chain import LOADS, Link, chain
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft

TITLES = {
    "extract": "Extract data from Amazon S3",
    "transform": "Transform",
    "condition": "Condition",
    "load": "Load into a table",
    "load_contacts": "Add contacts and transactions",
    "load_employees": "Load employees",
    "load_responses": "Load responses to a survey",
    "load_records": "Load into a data project",
    "load_rows": "Send rows by HTTP",
    "load_objects": "Write files to S3, SFTP or a folder",
}
_NAMED = 3
"""Maximum number of fields that the summary of a transform names."""
_WRITES = {"append": "appending", "replace": "replacing all rows"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    id: str
    kind: str
    title: str
    line: str
    problems: tuple[DraftProblem, ...]
    first: bool
    """Whether the task is the first in its branch, so that it cannot move up."""
    last: bool
    then: tuple[Card, ...] = ()
    otherwise: tuple[Card, ...] = ()


def cards(draft: Draft, promises: Mapping[str, str]) -> tuple[Card, ...]:
    """The cards of a draft, one for each task. ``promises``: for each destination, by its name, what happens
    if a load is repeated.
    """
    return _cards(chain(draft.document), draft.problems, promises)


def of_triggers(draft: Draft) -> dict[int, tuple[DraftProblem, ...]]:
    """The problems of a draft's triggers, by the trigger's position."""
    found = [each for each in draft.problems if len(each.path) > 1 and each.path[0] == "triggers"]
    return {
        int(each.path[1]): tuple(other for other in found if other.path[1] == each.path[1]) for each in found
    }


def of_workflow(draft: Draft) -> tuple[DraftProblem, ...]:
    """The problems of the workflow that belong to no single task or trigger."""
    return tuple(
        each for each in draft.problems if len(each.path) < 2 or each.path[0] not in ("tasks", "triggers")
    )


def summary_of(task: Form) -> str:
    """The summary of a task, such as ``CSV files under employees/ in hr-drop (account acme), then delete
    them``.
    """
    known = {
        "extract": _extract,
        "transform": _transform,
        "condition": _condition,
        "load": _load,
        "load_contacts": _contacts,
        "load_employees": _employees,
        "load_responses": _responses,
        "load_records": _records,
        "load_rows": _rows,
        "load_objects": _objects,
    }
    for kind, words in known.items():
        if kind in task:
            return words(task[kind])
    return "Not readable"


def _cards(
    links: Sequence[Link], problems: Iterable[DraftProblem], promises: Mapping[str, str]
) -> tuple[Card, ...]:
    return tuple(
        Card(
            id=link.id,
            kind=link.kind,
            title=TITLES.get(link.kind, link.id),
            line=summary_of(link.task) + _promise(link, promises),
            problems=tuple(each for each in problems if each.path[:2] == ("tasks", link.position)),
            first=place == 0,
            last=place == len(links) - 1,
            then=_cards(link.then, problems, promises),
            otherwise=_cards(link.otherwise, problems, promises),
        )
        for place, link in enumerate(links)
    )


def _promise(link: Link, promises: Mapping[str, str]) -> str:
    """What happens if the load is repeated; empty if every row takes effect exactly once."""
    settings = link.task.get(link.kind)
    to = settings.get("to") if link.kind in LOADS and isinstance(settings, dict) else None
    promise = promises.get(str(to), Promise.EXACTLY_ONCE.value)
    return "" if promise == Promise.EXACTLY_ONCE.value else f" ({promise})"


def _extract(settings: Form) -> str:
    kind = str(settings.get("file_type", "csv")).upper()
    sealed = " encrypted with PGP" if settings.get("pgp") else ""
    under = f" under {settings['prefix']}" if settings.get("prefix") else ""
    named = f" named {settings['pattern']}" if settings.get("pattern") else ""
    bucket = "" if settings.get("kind", "s3") != "s3" else f" in {settings.get('bucket', '?')}"
    where = f"{bucket} (account {settings.get('account', '?')})"
    return f"{kind} files{sealed}{named}{under}{where}{_after(settings.get('after_import'))}"


def _after(settings: Any) -> str:
    action = settings if isinstance(settings, str) else (settings or {}).get("action")
    more = settings if isinstance(settings, dict) else {}
    later = f" after {more['delay']}" if more.get("delay") else ""
    match action:
        case "delete":
            return f", then delete them{later}"
        case "move":
            place = "/".join(part for part in (more.get("bucket", ""), more.get("prefix", "")) if part) or "?"
            return f", then move them to {place}{later}"
        case "rename":
            return f", then rename them to {more.get('prefix', '?')}…{later}"
        case _:
            return ", then keep them"


def _transform(settings: Form) -> str:
    made = list(settings.get("fields", ()))
    more = f" and {len(made) - _NAMED} more" if len(made) > _NAMED else ""
    return f"Rows of {settings.get('from', '?')}, with {', '.join(map(str, made[:_NAMED]))}{more} changed"


def _load(settings: Form) -> str:
    keys = ", ".join(map(str, settings.get("key", ())))
    mode = settings.get("mode", "append")
    writes = f"updating rows by {keys}" if mode == "upsert" else _WRITES.get(mode, str(mode))
    return f"Rows of {settings.get('from', '?')} into table {settings.get('table', '?')} of {settings.get('to', '?')}, {writes}"


def _objects(settings: Form) -> str:
    kind = str(settings.get("format", "?")).upper()
    packed = (
        f" packed with {settings['compression']}" if settings.get("compression", "none") != "none" else ""
    )
    sealed = " encrypted with PGP" if settings.get("pgp") else ""
    name = settings.get("name", DEFAULT_NAME)
    return f"Rows of {settings.get('from', '?')} as {kind} files{packed}{sealed} named {name} to {settings.get('to', '?')}"


def _contacts(settings: Form) -> str:
    rules = [" and ".join(map(str, rule)) for rule in settings.get("merge") or () if isinstance(rule, list)]
    merge = f"merged by {', then '.join(rules)}" if rules else "always as new contacts"
    listed = f", in the mailing list {settings['list']}" if settings.get("list") else ""
    dated = ", with transactions" if settings.get("transactions") else ""
    return f"Rows of {settings.get('from', '?')} into contacts of {settings.get('to', '?')}, {merge}{listed}{dated}"


def _employees(settings: Form) -> str:
    place = f"employees of {settings.get('to', '?')}"
    return f"Rows of {settings.get('from', '?')} into {place}, updated by {settings.get('key', '?')}"


def _responses(settings: Form) -> str:
    place = f"responses to {settings.get('survey', '?')} in {settings.get('to', '?')}"
    return f"Rows of {settings.get('from', '?')} as new {place}"


def _records(settings: Form) -> str:
    place = f"records of {settings.get('project', '?')} in {settings.get('to', '?')}"
    writes = f"updated by {settings['key']}" if settings.get("key") else "always new"
    return f"Rows of {settings.get('from', '?')} into {place}, {writes}"


def _rows(settings: Form) -> str:
    size = settings.get("batch", DEFAULT_BATCH)
    return f"Rows of {settings.get('from', '?')} to {settings.get('to', '?')}, {size} per request"


def _condition(settings: Form) -> str:
    return f"If {_test(settings)}"


def _test(settings: Any) -> str:
    if not isinstance(settings, dict):
        return str(settings)
    word, joint = ("any", " or ") if settings.get("any") else ("all", " and ")
    members = [
        f"({_test(each)})" if isinstance(each, dict) else str(each) for each in settings.get(word) or ()
    ]
    return joint.join(members) or "no test"
