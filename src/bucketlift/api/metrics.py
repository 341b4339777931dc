"""The metrics of an installation, read from its ledger at each request."""

from __future__ import annotations

from collections.abc import Iterator

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from bucketlift.service.ops.serving import Serving


class Figures(Collector):
    """Collects the metrics. Names of workflows and workers are used as labels; object keys and contents of
    cells never are.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    def collect(self) -> Iterator[Metric]:
        app = self._serving.app
        yield from self._workers()
        workflows = sorted(app.ledger.catalog.workflows())
        attention = GaugeMetricFamily(
            "bucketlift_attention_files", "Files that wait for a person.", labels=["workflow"]
        )
        actions = GaugeMetricFamily(
            "bucketlift_outbox_actions",
            "Loaded files whose delete, move or rename is pending or held.",
            labels=["workflow"],
        )
        last = GaugeMetricFamily(
            "bucketlift_last_run_finished_timestamp_seconds",
            "When the last run ended, by its state.",
            labels=["workflow", "state"],
        )
        for workflow in workflows:
            attention.add_metric([workflow], app.ledger.counts.attention(workflow))
            actions.add_metric([workflow], app.ledger.outbox.count(workflow))
            run = next(iter(app.ledger.runs.find(workflow=workflow, limit=1)), None)
            if run is not None and run.finished_at is not None:
                last.add_metric([workflow, run.state.value], run.finished_at.timestamp())
        yield from (attention, actions, last)

    def _workers(self) -> Iterator[Metric]:
        workers = GaugeMetricFamily("bucketlift_workers", "Running processes, by kind.", labels=["kind"])
        kinds = [each.kind.value for each in self._serving.app.ledger.workers.all() if each.fresh]
        for kind in sorted(set(kinds)):
            workers.add_metric([kind], kinds.count(kind))
        yield workers
        busy = GaugeMetricFamily("bucketlift_busy_runs", "Runs that this process is executing.")
        busy.add_metric([], len(self._serving.worker.busy))
        yield busy
