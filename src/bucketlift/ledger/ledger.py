"""The whole ledger: one database, with one attribute for each part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from bucketlift.ledger.claims.claims import Claims
from bucketlift.ledger.claims.deliveries import Deliveries
from bucketlift.ledger.claims.loaded_tables import LoadedTables
from bucketlift.ledger.claims.manifests import Manifests
from bucketlift.ledger.claims.outbox import Outbox
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.ledger.claims.probes import Probes
from bucketlift.ledger.claims.replays import Replays
from bucketlift.ledger.claims.survey import Survey
from bucketlift.ledger.claims.unloads import Unloads
from bucketlift.ledger.claims.waiting import Waiting
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.maintenance.audit import Audit
from bucketlift.ledger.people.installation import Installation
from bucketlift.ledger.people.people import People
from bucketlift.ledger.people.sessions import Sessions
from bucketlift.ledger.people.sign_in_attempts import SignInAttempts
from bucketlift.ledger.runs.counts import Counts
from bucketlift.ledger.runs.history import History
from bucketlift.ledger.runs.logs import Logs
from bucketlift.ledger.runs.progress import SavedProgress
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.runs.slots import Slots
from bucketlift.ledger.runs.workers import Processes, Workers
from bucketlift.ledger.secrets.keys import Keys
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.ledger.triggers.events import Events
from bucketlift.ledger.triggers.notices import Notices
from bucketlift.ledger.triggers.schedules import Schedules
from bucketlift.ledger.triggers.silences import Silences
from bucketlift.ledger.workflows.catalog import Catalog
from bucketlift.ledger.workflows.drafts import Drafts
from bucketlift.ledger.workflows.overview import Overview
from bucketlift.ledger.workflows.sharing import Sharings


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger:
    """The parts of the ledger, which all share one database."""

    database: Database
    progress: SavedProgress
    audit: Audit
    history: History
    waiting: Waiting
    catalog: Catalog
    counts: Counts
    deliveries: Deliveries
    drafts: Drafts
    events: Events
    claims: Claims
    installation: Installation
    keys: Keys
    loaded_tables: LoadedTables
    logs: Logs
    manifests: Manifests
    notices: Notices
    outbox: Outbox
    overview: Overview
    pauses: Pauses
    people: People
    probes: Probes
    replays: Replays
    runs: Runs
    schedules: Schedules
    secrets: Secrets
    sharings: Sharings
    sessions: Sessions
    silences: Silences
    slots: Slots
    survey: Survey
    sign_in_attempts: SignInAttempts
    unloads: Unloads
    workers: Workers

    @classmethod
    def of(cls, database: Database, processes: Processes | None = None) -> Self:
        """Create the parts of a ledger.

        ``processes``: the worker processes of this machine, given if no other machine can use this ledger.
        """
        return cls(
            database=database,
            progress=SavedProgress(database),
            audit=Audit(database),
            history=History(database),
            waiting=Waiting(database),
            catalog=Catalog(database),
            counts=Counts(database),
            deliveries=Deliveries(database),
            drafts=Drafts(database),
            events=Events(database),
            claims=Claims(database),
            installation=Installation(database),
            keys=Keys(database),
            loaded_tables=LoadedTables(database),
            logs=Logs(database),
            manifests=Manifests(database),
            notices=Notices(database),
            outbox=Outbox(database),
            overview=Overview(database),
            pauses=Pauses(database),
            people=People(database),
            probes=Probes(database),
            replays=Replays(database),
            runs=Runs(database),
            schedules=Schedules(database),
            secrets=Secrets(database),
            sharings=Sharings(database),
            sessions=Sessions(database),
            silences=Silences(database),
            slots=Slots(database),
            survey=Survey(database),
            sign_in_attempts=SignInAttempts(database),
            unloads=Unloads(database),
            workers=Workers(database, processes),
        )
