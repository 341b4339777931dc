"""Writes the subject and the text of a notice, in plain sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bucketlift.model.notice import Occasion
from bucketlift.model.source import location
from bucketlift.notices.facts import TEST
from bucketlift.rules.legible import legible

TITLE_SHOWN = 100
"""Maximum number of characters of a title in a subject."""
_FILE_WORDS = ("found", "loaded", "held", "skipped", "failed", "gone", "superseded")
_ROW_WORDS = ("read", "loaded", "rejected", "held", "skipped", "failed")


def subject(body: dict[str, Any]) -> str:
    """The subject of a notice. It is on one line, even if the title contains line breaks."""
    title = legible(body["title"])
    shown = title if len(title) <= TITLE_SHOWN else f"{title[:TITLE_SHOWN]}..."
    return f"{shown}: {_event(body)}"


def text(body: dict[str, Any]) -> str:
    """The text of a notice: what happened, to what, and what to do."""
    parts = [f"{legible(body['title'])}: {_event(body)}.", *_parts(body)]
    if body["next"]:
        parts.append("\n".join(["What to do next:", *(f"  {command}" for command in body["next"])]))
    return "\n\n".join([*parts, f"Bucketlift, workflow {body['workflow']}"]) + "\n"


def _event(body: dict[str, Any]) -> str:
    match body["occasion"]:
        case Occasion.LATE if body["late"] == "run":
            return f"the run of {_moment(body['expected_at'])} is late"
        case Occasion.SILENT | Occasion.LATE:
            return f"nothing arrived by {_moment(body['expected_at'])}"
        case str() as occasion if occasion == TEST:
            return "a test notice"
    count = body["held"]["count"]
    held = f"{_files(count)} {'is' if count == 1 else 'are'} held"
    match body["occasion"]:
        case Occasion.FAILED:
            return f"the run failed, and {held}" if count else "the run failed"
        case Occasion.HELD:
            return held
        case Occasion.UNUSUAL:
            return f"{body['rows'].get('loaded', 0):,} rows loaded, usually about {body['usual_rows']:,}"
        case _ if count:
            return f"the run succeeded with issues: {held}"
        case _:
            loaded = body["files"].get("loaded", 0)
            return f"{_files(loaded)} loaded" if loaded else "the run succeeded, nothing new was loaded"


def _parts(body: dict[str, Any]) -> Iterator[str]:
    match body["occasion"]:
        case Occasion.LATE if body["late"] == "run":
            yield (
                "The run has started and has not ended yet."
                if body["running"]
                else "No run of this workflow has ended since. Check that a worker is running."
            )
        case Occasion.SILENT | Occasion.LATE:
            yield (
                f"Since {_moment(body['since'])} no new file was found for this workflow. Either none was delivered, "
                "or Bucketlift could not look."
            )
        case str() as occasion if occasion == TEST:
            yield "This is a test. Notices of this workflow arrive at this address."
        case _:
            yield _run(body)
            if Occasion.UNUSUAL in body["occasions"]:
                yield (
                    f"The number of rows is unusual: {body['rows'].get('loaded', 0):,} were loaded, and the median of earlier "
                    f"runs of this weekday is {body['usual_rows']:,}."
                )
            yield from _faults(body["faults"])
            yield from _held(body["held"])
            if body["attention"]:
                yield f"In all, {_files(body['attention'])} of this workflow wait for a person."


def _run(body: dict[str, Any]) -> str:
    outcome = body.get("outcome", body["state"]).replace("_", " ")  # earlier versions stored no outcome
    head = f"Run {body['run']} ({body['trigger']}): {outcome}"
    times = f"from {_moment(body['started_at'])} to {_moment(body['finished_at'])}"
    lines = [f"{legible(head)}, {times}."]
    if body["files"]:
        lines += [
            f"Files: {_counts(body['files'], _FILE_WORDS)}.",
            f"Rows: {_counts(body['rows'], _ROW_WORDS)}.",
        ]
    return "\n".join(lines)


def _counts(counts: dict[str, int], words: tuple[str, ...]) -> str:
    """The counts in words: the first count always, the others only if they are not 0."""
    first, *others = words
    shown = [first, *(word for word in others if counts.get(word))]
    return ", ".join(f"{counts.get(word, 0):,} {word}" for word in shown)


def _faults(faults: list[dict[str, str]]) -> Iterator[str]:
    for fault in faults:
        where = f"Task {fault['task']} failed" if fault["task"] else "The run failed"
        to = f" ({fault['to']})" if fault["to"] else ""
        yield "\n".join(_lines(f"{where}: {fault['what']}{to}", fault["hint"]))


def _held(held: dict[str, Any]) -> Iterator[str]:
    for each in held["files"]:
        reason = f"{location(each['bucket'], each['key'])}: {each['state']}, {each['reason']}"
        yield "\n".join([*_lines(reason, each["hint"]), f"  bucketlift files show {each['id']}"])
    more = held["count"] - len(held["files"])
    if more > 0:
        yield f"And {_files(more)} more."


def _lines(what: str, hint: str | None) -> list[str]:
    return [legible(what), *([f"  {legible(hint)}"] if hint else [])]


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _moment(time: str | None) -> str:
    """A time in UTC as text, without seconds."""
    return "an unknown time" if time is None else f"{time[:16].replace('T', ' ')} UTC"
