"""Executes the steps of one run in their order.

Each step can be repeated safely, because the ledger shows what is left to do.
"""

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
    """Finish pending actions of earlier runs; then list, read, decide, load and act.

    A cancelled run starts no new work, but executes the actions of files that are committed. A run that was
    requested only for the outbox or for mended rejects takes no files. Mended rejects are loaded after their
    file.
    """
    run = context.ledger.runs.get(context.run)
    context.log(f"Executed by {run.worker} (trigger: {run.trigger}; version {run.version})")
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
    """Load the files batch by batch: a batch is loaded as soon as it is read.

    If the workflow has a condition or a replacement, all files are read before the first load.
    """
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
    """Check between two steps that the run may continue in this worker."""
    context.check_cancelled()
    context.check_leaving()
