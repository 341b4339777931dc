"""Drives one run through its steps; each step may be done again without harm, for the ledger decides."""

from __future__ import annotations

from collections.abc import Mapping

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


def drive(work: Work) -> None:
    """Finish what earlier runs left of the outbox; then list, read, decide, load and act.

    A run that was cancelled takes up nothing more, and acts on what is committed; one that was asked for the
    outbox or for mended rejects only takes up no file. Rejects that were mended are loaded once their file is.
    """
    run = work.tools.runs.get(work.run)
    work.say(f"Taken up by {run.worker} (trigger: {run.trigger}; version {run.version})")
    work.check_leaving()
    act(work)
    cancelled = False
    if run.trigger not in LISTING_NOTHING:
        try:
            _load_new_files(work)
        except Cancelled:
            cancelled = True
            work.check_leaving()
            settle_loaded(work)
        work.check_leaving()
        act(work)
    if not cancelled:
        try:
            work.check_leaving()
            replay(work)
        except Cancelled:
            cancelled = True
    work.check_leaving()
    finish(work, cancelled=cancelled)


def needs_all_first(work: Work) -> bool:
    flow = work.workflow
    return bool(flow.conditions) or any(replaces(flow, task) for task in flow.extracts)


def _load_new_files(work: Work) -> None:
    """Files are loaded batch by batch as they are read, except where a condition or a replacement needs them all."""
    _check(work)
    batches = pin(work)
    if needs_all_first(work):
        _load_all_at_once(work, batches)
    else:
        _load_batch_by_batch(work, batches)


def _load_batch_by_batch(work: Work, batches: Mapping[str, int]) -> None:
    _check(work)
    decide(work)
    for task, count in batches.items():
        for batch in range(count):
            _check(work)
            members = stage(work, task, batch)
            _check(work)
            load(work, task, members)
            _check(work)
            settle(work, task, batch, members)


def _load_all_at_once(work: Work, batches: Mapping[str, int]) -> None:
    for task, count in batches.items():
        for batch in range(count):
            _check(work)
            stage(work, task, batch)
    _check(work)
    decide(work)
    for task, count in batches.items():
        for batch in range(count):
            _check(work)
            load(work, task, work.tools.manifests.batch(work.run, task, batch))
        _check(work)
        replace_tables(work, task)
        for batch in range(count):
            _check(work)
            settle(work, task, batch, work.tools.manifests.batch(work.run, task, batch))


def _check(work: Work) -> None:
    """Between two steps: whether the run is to go on, and here."""
    work.heed()
    work.check_leaving()
