"""Protocols between the core and its adapters."""

from bucketlift.ports.codecs import Codecs
from bucketlift.ports.loader import Fence, Load, Loader, unfenced
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.work import Clock, Connections, Doctor, Progress

__all__ = [
    "Clock",
    "Codecs",
    "Connections",
    "Doctor",
    "Fence",
    "Load",
    "Loader",
    "ObjectStore",
    "Progress",
    "unfenced",
]
