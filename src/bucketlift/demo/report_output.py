"""A report in words for people, and as one document for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote
from typing import Any

from bucketlift.demo.object_outcome import Became
from bucketlift.demo.page import Page
from bucketlift.demo.report import WORDS, Report, Seen, Table
from bucketlift.demo.suggestions import bucketlift, look_command, near
from bucketlift.rules.document import file_outcome

_FATES = {
    Became.DELETED: "deleted after its load",
    Became.MOVED: "moved to {moved_to}",
    Became.RENAMED: "renamed to {moved_to}",
    Became.KEPT: "loaded, and kept as it is",
    Became.HELD: "still there, because it is held ({reason})",
    Became.LEFT: "still there ({state}: {what})",
    Became.REPLACED: "other bytes are under its key now",
    Became.GONE: "no longer there ({state})",
    Became.COPY_MISSING: "loaded, but its copy {moved_to} is not there",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A report, and where everything is."""

    home: Path
    file: Path
    script: Path
    report: Report
    problems: Sequence[str]

    @property
    def question(self) -> str:
        return look_command(self.script, f"from {self.report.tables[0].name} limit 5")

    def command(self, *words: str) -> str:
        return f"BUCKETLIFT_HOME={quote(near(self.home))} {bucketlift()} {' '.join(words)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is there while the demo stays."""

    page: Page
    environment: Mapping[str, str]
    """Makes other commands the operator of its S3 server."""


def document(scene: Scene, around: Around | None) -> dict[str, Any]:
    """For programs. The page and the environment are there only while the demo stays."""
    report = scene.report
    page = None if around is None else {"address": around.page.address, "sign_in": around.page.sign_in}
    return {
        "format": 1,
        "home": str(scene.home),
        "file": str(scene.file),
        "nothing_new": report.nothing_new,
        "as_expected": not scene.problems,
        "problems": list(scene.problems),
        "runs": [{key: run[key] for key in ("run", "workflow", "state", "tasks")} for run in report.runs],
        "tables": [
            {"workflow": each.workflow, "table": each.name, "path": str(each.path), "rows": each.rows}
            | each.done
            for each in report.tables
        ],
        "files": [
            file_outcome(each.claim) | {"workflow": each.claim.workflow, "became": each.became.value}
            for each in report.files
        ],
        "page": page,
        "environment": {} if around is None else dict(around.environment),
        "look": scene.question,
    }


def words(scene: Scene) -> str:
    report = scene.report
    parts = [_tables(report), _waiting(scene), _rejects(scene), _fates(report), _commands(scene)]
    parts.append(["NOT AS EXPECTED", *(f"  {each}" for each in scene.problems)] if scene.problems else [])
    return "\n\n".join("\n".join(part) for part in parts if part) + "\n"


def staying(around: Around, home: Path) -> str:
    """Where the page is, and what to type in another terminal while it and the S3 server are there."""
    lines = ["In another terminal:"]
    lines += [f"  export {name}={quote(value)}" for name, value in around.environment.items()]
    lines += [f"  export BUCKETLIFT_HOME={quote(str(home))}"]
    lines += [f"  {bucketlift()} run surveys --dry-run", f"  {bucketlift()} files list --attention"]
    lines += ["", f"The page, with all of this in it, until Ctrl-C: {around.page.address}"]
    lines += ["Open it with this link, which is good once:", f"  {around.page.sign_in}"]
    return "\n".join(lines) + "\n"


def _tables(report: Report) -> list[str]:
    if report.nothing_new:
        head = "Loaded: nothing new. The bucket holds no file that was not looked at before. In the tables:"
    else:
        head = "Loaded"
    width = max(len(each.name) for each in report.tables)
    return [head, *(f"  {_table(each, width)}" for each in report.tables)]


def _table(table: Table, width: int) -> str:
    done = ", ".join(f"{table.done[word]} {word}" for word in WORDS if table.done[word])
    now = f"now: {done}" if done else "nothing new"
    return f"{table.name:<{width}}  {table.rows:>5} rows  ({table.mode}; {now})"


def _waiting(scene: Scene) -> list[str]:
    held = scene.report.waiting
    if not held:
        return []
    lines = ["Held: these files wait for a person, untouched in the bucket"]
    for each in held:
        claim = each.claim
        lines += [f"  {_safe(claim.source.key)}  {claim.reason}", f"    what: {_safe(claim.what or '')}"]
        lines += [f"    to do: {_safe(claim.hint or '')}"]
        if claim.rejected:
            lines += [f"    its bad rows: {scene.command('rejects', 'list', claim.id)}"]
        lines += [f"    or leave it for good: {scene.command('files', 'ignore', claim.id)}"]
    return lines


def _rejects(scene: Scene) -> list[str]:
    files = scene.report.with_rejects
    lines = ["Rejected rows of loaded files: kept with their exact bytes"] if files else []
    for each in files:
        claim = each.claim
        lines += [f"  {_safe(claim.source.key)}: {claim.rejected} of {claim.rows + claim.rejected} rows"]
        lines += [f"    {scene.command('rejects', 'export', claim.id)}"]
    return lines


def _fates(report: Report) -> list[str]:
    buckets = sorted({each.claim.source.bucket for each in report.files})
    width = max((len(_safe(each.claim.source.key)) for each in report.files), default=0)
    names = ", ".join(f"s3://{bucket}" for bucket in buckets)
    return [f"What became of each object of {names}", *(_line(each, width) for each in report.files)]


def _line(seen: Seen, width: int) -> str:
    claim = seen.claim
    fate = _FATES[seen.became].format(
        moved_to=claim.moved_to, reason=claim.reason, state=claim.state.value, what=claim.what or "no reason"
    )
    return f"  {_safe(claim.source.key):<{width}}  {_safe(fate)}"


def _commands(scene: Scene) -> list[str]:
    return [
        "Look for yourself",
        f"  the tables:    {scene.question}",
        f"  every file:    {scene.command('files', 'list')}",
        f"  the workflows: {near(scene.file)}",
    ]


def _safe(text: str) -> str:
    """Keys may hold any character: none may move the cursor or forge a line."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)
