"""Drives one run through its steps; each step may be done again without harm, for the ledger decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ParamSpec, Protocol, TypeVar

from bucketlift.engine.cleanup.cleanup import act
from bucketlift.engine.context.cancel import Cancelled
from bucketlift.engine.context.run_context import Work, replaces
from bucketlift.engine.decide import decide
from bucketlift.engine.finish import finish
from bucketlift.engine.listing.manifest import pin
from bucketlift.engine.loading.load import load
from bucketlift.engine.loading.replace import replace_tables
from bucketlift.engine.reading.batch_read import stage
from bucketlift.engine.rework.replay import replay
from bucketlift.engine.settle import settle, settle_loaded
from bucketlift.model.run import LISTING_NOTHING

P = ParamSpec("P")
T = TypeVar("T")


class Step(Protocol):
    """Does a piece of work under a name, and remembers that it was done."""

    def __call__(self, name: str, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T: ...


def drive(work: Work, step: Step) -> None:
    """Finish what earlier runs left of the outbox; then list, read, decide, load and act.

    A run that was cancelled takes up nothing more, and acts on what is committed; one that was asked for the
    outbox or for mended rejects only takes up no file. Rejects that were mended are loaded once their file is.
    """
    run = work.tools.runs.get(work.run)
    work.say(f"Taken up by {run.worker} (trigger: {run.trigger}; version {run.version})")
    step("act on what was left", act, work)
    cancelled = False
    if run.trigger not in LISTING_NOTHING:
        try:
            _lift(work, _heeding(work, step))
        except Cancelled:
            cancelled = True
            step("settle what was loaded", settle_loaded, work)
        step("act", act, work)
    if not cancelled:
        try:
            step("replay", replay, work)
        except Cancelled:
            cancelled = True
    step("finish", finish, work, cancelled=cancelled)


def _heeding(work: Work, step: Step) -> Step:
    """The same, and before each step it is asked whether the run was cancelled."""

    def heeding(name: str, do: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        work.heed()
        return step(name, do, *args, **kwargs)

    return heeding


def _lift(work: Work, step: Step) -> None:
    """Files are loaded batch by batch as they are read, except where a condition or a replacement needs them all."""
    batches = step("pin", pin, work)
    if needs_all_first(work):
        for task, count in batches.items():
            for batch in range(count):
                step(f"stage {task} {batch}", stage, work, task, batch)
        chosen = step("decide", decide, work)
        for task, count in batches.items():
            _load(work, step, task, range(count), chosen)
    else:
        chosen = step("decide", decide, work)
        for task, count in batches.items():
            for batch in range(count):
                step(f"stage {task} {batch}", stage, work, task, batch)
                _load(work, step, task, range(batch, batch + 1), chosen)


def needs_all_first(work: Work) -> bool:
    flow = work.workflow
    return bool(flow.conditions) or any(replaces(flow, task) for task in flow.extracts)


def _load(work: Work, step: Step, task: str, batches: range, chosen: Sequence[str]) -> None:
    for batch in batches:
        step(f"load {task} {batch}", load, work, task, batch, chosen)
    step(f"replace {task}", replace_tables, work, task, chosen)
    for batch in batches:
        step(f"settle {task} {batch}", settle, work, task, batch, chosen)
