"""The `run` command, which runs a workflow now."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from bucketlift.cli import output, progress, streams
from bucketlift.cli.commands import notices
from bucketlift.cli.opened import installation
from bucketlift.rules.directory import trials
from bucketlift.rules.document import FILE_WORDS


def add_to(tree: typer.Typer) -> None:
    tree.command("run")(run)


def run(
    workflow: Annotated[str, typer.Argument(help="The workflow's key.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would happen to every key; change nothing.")
    ] = False,
    no_wait: Annotated[
        bool, typer.Option("--no-wait", help="Queue the run for a running worker, and return.")
    ] = False,
) -> int:
    """Run a workflow now, after the unfinished work of earlier runs."""
    from bucketlift.service.runs import runs

    streams.keep_exit_code()
    with installation() as app:
        with progress.shown() as report:
            if dry_run:
                answer, code = runs.look(app, workflow, progress=report), 0
            elif no_wait:
                answer, code = runs.shown(runs.leave(app, workflow)), 0
            else:
                ended = runs.start(app, workflow, progress=report, report=output.note)
                answer, code = runs.shown(ended), runs.exit_code(ended)
        show(answer)
        if not (dry_run or no_wait):
            notices.send_after_run(app)
    return code


def show(answer: dict[str, Any]) -> None:
    """Print a run's summary: the JSON document, or a text for people."""
    if output.is_json():
        output.document(answer)
        return
    dry = answer.get("dry_run", False)
    head = (
        "Dry run: nothing was changed"
        if dry
        else f"Run {answer['run']}: {answer['outcome'].replace('_', ' ')}"
    )
    output.text(f"{answer['workflow']}  {head}")
    if answer["tasks"]:  # without tasks, the run still waits or is in progress
        _show_outcome(answer, dry=dry)


def _show_outcome(answer: dict[str, Any], *, dry: bool) -> None:
    for task in answer["tasks"]:
        output.text(f"  {task['id']}: {task['state']}{_summary(task, dry=dry)}")
        if "folders" in task:
            output.text(f"    {_several_folders(task)}")
        for line in trials.lines(task):
            output.text(f"    {output.safe(line)}")
    files = answer["files"]
    if answer["files"]:
        columns = ["key", "decision" if dry else "state", "rows", "rejected", "reason", "id"]
        word = "decision" if dry else "state"
        output.table(
            columns,
            [
                [each["key"], each[word], each["rows"], each["rejected"], each["reason"], each["id"]]
                for each in files
            ],
            empty="",
        )
    elif not dry and (why := _why_no_files(answer["tasks"])):
        output.text(why)
    if answer["next"]:
        output.text(f"The first {answer['next']} files are shown.")
    _show_what_waits(files)
    if "error" in answer:
        error = answer["error"]
        output.text(f"Error: {output.safe(error['what'])} {output.safe(error['to'])}\n  {error['hint']}")
    if "paused" in answer:
        paused = answer["paused"]
        output.text(f"The outbox is paused: {output.safe(paused['what'])}\n  {paused['hint']}")
    if answer["attention"]:
        who = "1 file needs" if answer["attention"] == 1 else f"{answer['attention']} files need"
        output.text(f"{who} a decision: bucketlift files list --attention")


def _show_what_waits(files: list[dict[str, Any]]) -> None:
    for each in files:
        if each["hint"] or each["state"] in ("held", "action-held", "retrying"):
            output.text(f"{output.safe(each['key'])}: {output.safe(each['what'])}")
            output.text(f"  {output.safe(each['hint'])}")
    delayed = sum(bool(each.get("due_at")) for each in files)
    if delayed:
        output.text(f"Delayed actions: {delayed}. To list them: bucketlift files list --waiting")


def _summary(task: dict[str, Any], *, dry: bool) -> str:
    if "files" in task:
        files, rows = task["files"], task["rows"]
        counts = [f"{files['found']} files found", f"{files['known']} known"]
        counts += [f"{files[word]} {_would(word, dry=dry)}" for word in FILE_WORDS if files[word]]
        return f"  {', '.join(counts)}; {rows['read']} rows read, {rows['rejected']} rejected"
    if "met" in task:
        return "  met" if task["met"] else "  not met"
    if "trial" in task:
        return f"  into {task['destination']}.{task['table']}: {trials.summary(task['trial'])}"
    if "table" in task:
        loaded = task["rows"]
        done = ", ".join(f"{loaded[word]} {word}" for word in ("inserted", "updated", "unchanged"))
        return f"  into {task['destination']}.{task['table']}: {done}{_mended(task.get('mended'))}"
    return ""


def _several_folders(task: dict[str, Any]) -> str:
    named = [f"{output.safe(each['folder'])} ({each['files']:,})" for each in task["folders"]]
    more = [f"and {task['more_folders']:,} more"] if task["more_folders"] else []
    return f"The prefix does not end in / and reaches several folders: {', '.join([*named, *more])}"


def _mended(replays: dict[str, int] | None) -> str:
    if replays is None:
        return ""
    done = ", ".join(f"{replays[word]} {word}" for word in ("inserted", "updated", "unchanged"))
    return f"; mended rejects: {done}"


def _why_no_files(tasks: list[dict[str, Any]]) -> str:
    """Explain why a run has no files, for example because the prefix may be misspelt."""
    extracts = [task["files"] for task in tasks if "files" in task]
    if any("files" in task and task.get("error") for task in tasks):
        return ""  # a failed listing does not show whether the prefix is right
    if extracts and not any(files["found"] or files["known"] for files in extracts):
        return "No object is selected: is the prefix right? `--dry-run` shows every key in the bucket."
    return "No new files."


def _would(word: str, *, dry: bool) -> str:
    return f"to be {word}" if dry else word
