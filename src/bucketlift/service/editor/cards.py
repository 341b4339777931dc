"""A draft's tasks as the page shows them: one card each, with one line that says what it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.ledger.workflows.drafts import Form
from bucketlift.rules.chain import Link, chain
from bucketlift.service.editor.documents import DraftProblem
from bucketlift.service.editor.drafts import Draft

_TITLES = {"extract": "Extract data from Amazon S3", "condition": "Condition", "load": "Load into a table"}
_WRITES = {"append": "adding rows", "replace": "in place of all its rows"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    id: str
    kind: str
    title: str
    line: str
    problems: tuple[DraftProblem, ...]
    first: bool
    """In its branch: it cannot move up."""
    last: bool
    then: tuple[Card, ...] = ()
    otherwise: tuple[Card, ...] = ()


def cards(draft: Draft) -> tuple[Card, ...]:
    return _cards(chain(draft.document), draft.problems)


def of_triggers(draft: Draft) -> dict[int, tuple[DraftProblem, ...]]:
    """Problems of triggers, by position."""
    told = [each for each in draft.problems if len(each.path) > 1 and each.path[0] == "triggers"]
    return {
        int(each.path[1]): tuple(other for other in told if other.path[1] == each.path[1]) for each in told
    }


def of_the_whole(draft: Draft) -> tuple[DraftProblem, ...]:
    """Problems that are no single card's."""
    return tuple(
        each for each in draft.problems if len(each.path) < 2 or each.path[0] not in ("tasks", "triggers")
    )


def line_of(task: Form) -> str:
    """``CSV files under employees/ in hr-drop (account acme), then delete them``."""
    for kind, words in (("extract", _extract), ("condition", _condition), ("load", _load)):
        if kind in task:
            return words(task[kind])
    return "cannot be read"


def _cards(links: Sequence[Link], problems: Iterable[DraftProblem]) -> tuple[Card, ...]:
    return tuple(
        Card(
            id=link.id,
            kind=link.kind,
            title=_TITLES.get(link.kind, link.id),
            line=line_of(link.task),
            problems=tuple(each for each in problems if each.path[:2] == ("tasks", link.position)),
            first=place == 0,
            last=place == len(links) - 1,
            then=_cards(link.then, problems),
            otherwise=_cards(link.otherwise, problems),
        )
        for place, link in enumerate(links)
    )


def _extract(said: Form) -> str:
    kind = str(said.get("file_type", "csv")).upper()
    sealed = " encrypted with PGP" if said.get("pgp") else ""
    under = f" under {said['prefix']}" if said.get("prefix") else ""
    named = f" named {said['pattern']}" if said.get("pattern") else ""
    where = f" in {said.get('bucket', '?')} (account {said.get('account', '?')})"
    return f"{kind} files{sealed}{named}{under}{where}{_after(said.get('after_import'))}"


def _after(said: Any) -> str:
    action = said if isinstance(said, str) else (said or {}).get("action")
    more = said if isinstance(said, dict) else {}
    later = f" after {more['delay']}" if more.get("delay") else ""
    match action:
        case "delete":
            return f", then delete them{later}"
        case "move":
            place = "/".join(part for part in (more.get("bucket", "?"), more.get("prefix", "")) if part)
            return f", then move them to {place}{later}"
        case "rename":
            return f", then put {more.get('prefix', '?')} before their names{later}"
        case _:
            return ", and keep them"


def _load(said: Form) -> str:
    keys = ", ".join(map(str, said.get("key", ())))
    mode = said.get("mode", "append")
    writes = f"updating rows by {keys}" if mode == "upsert" else _WRITES.get(mode, str(mode))
    return f"Rows of {said.get('from', '?')} into table {said.get('table', '?')} of {said.get('to', '?')}, {writes}"


def _condition(said: Form) -> str:
    return f"If {_test(said)}"


def _test(said: Any) -> str:
    if not isinstance(said, dict):
        return str(said)
    word, joint = ("any", " or ") if said.get("any") else ("all", " and ")
    members = [f"({_test(each)})" if isinstance(each, dict) else str(each) for each in said.get(word) or ()]
    return joint.join(members) or "nothing is asked"
