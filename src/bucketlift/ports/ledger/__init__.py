"""What the engine needs of the ledger. Writes carry the run's lease and are refused when it is stale."""

from bucketlift.ports.ledger.advances import Advances
from bucketlift.ports.ledger.counts import Counts
from bucketlift.ports.ledger.definitions import Definitions
from bucketlift.ports.ledger.files import Files
from bucketlift.ports.ledger.logs import Logs
from bucketlift.ports.ledger.manifests import Manifests
from bucketlift.ports.ledger.outbox import Outbox
from bucketlift.ports.ledger.pauses import Pauses
from bucketlift.ports.ledger.probes import Probes
from bucketlift.ports.ledger.replays import Replays
from bucketlift.ports.ledger.runs import Runs
from bucketlift.ports.ledger.schedules import Schedules
from bucketlift.ports.ledger.slots import Slots
from bucketlift.ports.ledger.survey import Survey
from bucketlift.ports.ledger.unloads import Unloads
from bucketlift.ports.ledger.workers import Workers

__all__ = [
    "Advances",
    "Counts",
    "Definitions",
    "Files",
    "Logs",
    "Manifests",
    "Outbox",
    "Pauses",
    "Probes",
    "Replays",
    "Runs",
    "Schedules",
    "Slots",
    "Survey",
    "Unloads",
    "Workers",
]
