"""Protocols between the core and its adapters."""

from bucketlift.ports.codecs import Codecs
from bucketlift.ports.ledger import (
    Advances,
    Counts,
    Definitions,
    Files,
    Logs,
    Manifests,
    Outbox,
    Pauses,
    Probes,
    Replays,
    Runs,
    Schedules,
    Slots,
    Survey,
    Unloads,
    Workers,
)
from bucketlift.ports.loader import Fence, Load, Loader, unfenced
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.work import Clock, Connections, Doctor, Progress

__all__ = [
    "Advances",
    "Clock",
    "Codecs",
    "Connections",
    "Counts",
    "Definitions",
    "Doctor",
    "Fence",
    "Files",
    "Load",
    "Loader",
    "Logs",
    "Manifests",
    "ObjectStore",
    "Outbox",
    "Pauses",
    "Probes",
    "Progress",
    "Replays",
    "Runs",
    "Schedules",
    "Slots",
    "Survey",
    "Unloads",
    "Workers",
    "unfenced",
]
