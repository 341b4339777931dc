"""The ledger's tables."""

from bucketlift.ledger.tables.access import accounts, destinations, keys, secrets
from bucketlift.ledger.tables.actions import outbox
from bucketlift.ledger.tables.columns import Words, metadata
from bucketlift.ledger.tables.definitions import drafts, events, schedules, workflow_versions, workflows
from bucketlift.ledger.tables.delivering import chunks
from bucketlift.ledger.tables.fleet import installation, leases, slots, workers
from bucketlift.ledger.tables.loading import receipts, rejects
from bucketlift.ledger.tables.mending import mended_rows, replay_receipts, replays
from bucketlift.ledger.tables.messages import notices
from bucketlift.ledger.tables.objects import claims, listings, probes, source_objects
from bucketlift.ledger.tables.people import links, sessions, tries, users
from bucketlift.ledger.tables.running import advances, manifests, run_log, runs
from bucketlift.ledger.tables.sharing import begun_accounts

__all__ = [
    "Words",
    "accounts",
    "advances",
    "begun_accounts",
    "chunks",
    "claims",
    "destinations",
    "drafts",
    "events",
    "installation",
    "keys",
    "leases",
    "links",
    "listings",
    "manifests",
    "mended_rows",
    "metadata",
    "notices",
    "outbox",
    "probes",
    "receipts",
    "rejects",
    "replay_receipts",
    "replays",
    "run_log",
    "runs",
    "schedules",
    "secrets",
    "sessions",
    "slots",
    "source_objects",
    "tries",
    "users",
    "workers",
    "workflow_versions",
    "workflows",
]
