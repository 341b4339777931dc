"""The Protocols that the core needs and the adapters keep."""

from bucketlift.ports.ledger import Definitions, Files, Outbox, Runs, Survey
from bucketlift.ports.loader import Load, Loader
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.work import Clock, Connections, Progress

__all__ = [
    "Clock",
    "Connections",
    "Definitions",
    "Files",
    "Load",
    "Loader",
    "ObjectStore",
    "Outbox",
    "Progress",
    "Runs",
    "Survey",
]
