"""The Protocols that the core needs and the adapters keep."""

from bucketlift.ports.ledger import Counts, Definitions, Files, Manifests, Outbox, Probes, Runs, Survey
from bucketlift.ports.loader import Load, Loader
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.work import Clock, Connections, Progress

__all__ = [
    "Clock",
    "Connections",
    "Counts",
    "Definitions",
    "Files",
    "Load",
    "Loader",
    "Manifests",
    "ObjectStore",
    "Outbox",
    "Probes",
    "Progress",
    "Runs",
    "Survey",
]
