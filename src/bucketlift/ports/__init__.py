"""The interfaces (protocols) between the core and its adapters."""

from bucketlift.ports.codecs import Codecs
from bucketlift.ports.delivery import Delivery, NotSent
from bucketlift.ports.directory import Directory
from bucketlift.ports.loader import Fence, Load, Loader, RowsRefused, unfenced
from bucketlift.ports.store import ObjectStore
from bucketlift.ports.table_reader import TableReader
from bucketlift.ports.work import Clock, Connections, Doctor, Progress

__all__ = [
    "Clock",
    "Codecs",
    "Connections",
    "Delivery",
    "Directory",
    "Doctor",
    "Fence",
    "Load",
    "Loader",
    "NotSent",
    "ObjectStore",
    "Progress",
    "RowsRefused",
    "TableReader",
    "unfenced",
]
