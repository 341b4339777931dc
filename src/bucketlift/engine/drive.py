"""Drives one run through its steps; each step may be done again without harm, for the ledger decides."""

from __future__ import annotations

from collections.abc import Mapping

from bucketlift.engine.cleanup.cleanup import run_outbox
from bucketlift.engine.context.cancel import Cancelled
from bucketlift.engine.context.run_context import RunContext, replaces
from bucketlift.engine.decide import decide
from bucketlift.engine.finish import finish
from bucketlift.engine.listing.manifest import pin
from bucketlift.engine.loading.load import load
from bucketlift.engine.loading.replace import replace_tables
from bucketlift.engine.reading.batch_read import stage
from bucketlift.engine.rework.replay import replay
from bucketlift.engine.settle import settle, settle_loaded
from bucketlift.model.run import LISTING_NOTHING


def drive(context: RunContext) -> None:
    """Finish what earlier runs left of the outbox; then list, read, decide, load and act.

    A run that was cancelled takes up nothing more, and acts on what is committed; one that was asked for the
    outbox or for mended rejects only takes up no file. Rejects that were mended are loaded once their file is.
    """
    run = context.ledger.runs.get(context.run)
    context.log(f"Taken up by {run.worker} (trigger: {run.trigger}; version {run.version})")
    context.check_leaving()
    run_outbox(context)
    cancelled = False
    if run.trigger not in LISTING_NOTHING:
        try:
            _load_new_files(context)
        except Cancelled:
            cancelled = True
            context.check_leaving()
            settle_loaded(context)
        context.check_leaving()
        run_outbox(context)
    if not cancelled:
        try:
            context.check_leaving()
            replay(context)
        except Cancelled:
            cancelled = True
    context.check_leaving()
    finish(context, cancelled=cancelled)


def needs_all_first(context: RunContext) -> bool:
    flow = context.workflow
    return bool(flow.conditions) or any(replaces(flow, task) for task in flow.extracts)


def _load_new_files(context: RunContext) -> None:
    """Files are loaded batch by batch as they are read, except where a condition or a replacement needs them all."""
    _check(context)
    batches = pin(context)
    if needs_all_first(context):
        _load_all_at_once(context, batches)
    else:
        _load_batch_by_batch(context, batches)


def _load_batch_by_batch(context: RunContext, batches: Mapping[str, int]) -> None:
    _check(context)
    decide(context)
    for task, count in batches.items():
        for batch in range(count):
            _check(context)
            members = stage(context, task, batch)
            _check(context)
            load(context, task, members)
            _check(context)
            settle(context, task, batch, members)


def _load_all_at_once(context: RunContext, batches: Mapping[str, int]) -> None:
    for task, count in batches.items():
        for batch in range(count):
            _check(context)
            stage(context, task, batch)
    _check(context)
    decide(context)
    for task, count in batches.items():
        for batch in range(count):
            _check(context)
            load(context, task, context.ledger.manifests.batch(context.run, task, batch))
        _check(context)
        replace_tables(context, task)
        for batch in range(count):
            _check(context)
            settle(context, task, batch, context.ledger.manifests.batch(context.run, task, batch))


def _check(context: RunContext) -> None:
    """Between two steps: whether the run is to go on, and here."""
    context.check_cancelled()
    context.check_leaving()
