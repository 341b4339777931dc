"""The ledger's tables."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

if TYPE_CHECKING:
    from sqlalchemy.engine import Dialect

_UNSTORABLE = re.compile("[\0\ud800-\udfff]")

metadata = MetaData()


class Words(TypeDecorator[str]):
    """Text for people: what no database keeps (NUL, half of a surrogate pair) is spelled out.

    Such words may quote a key or a server's answer. No rule compares them.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - as is asked
        return None if value is None else _UNSTORABLE.sub(_spelled, value)


def _spelled(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")


def _time(name: str, *, nullable: bool = True) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


installation = Table(
    "installation",
    metadata,
    Column("id", Text, primary_key=True, comment="Random; stands in every receipt this installation writes."),
    Column("key_check", LargeBinary, comment="A known word sealed with the vault's key: tells a wrong one."),
    Column("paused", JSON, comment="Why no object is acted on until a person confirms; unset: nothing is."),
    Column(
        "confirmed_until",
        DateTime(timezone=True),
        comment="A person vouched for receipts until then that the ledger cannot explain.",
    ),
    _time("made_at", nullable=False),
)

accounts = Table(
    "accounts",
    metadata,
    Column("name", Text, primary_key=True),
    Column("project", Text),
    Column("settings", JSON, nullable=False),
    Column("external_id", Text, nullable=False),
    Column(
        "deputy", JSON, comment="Whether the role trusts callers without the external id, when last tried."
    ),
    Column("acknowledged", JSON, comment="Who lives with that, why and since when."),
    _time("made_at", nullable=False),
    _time("deleted_at"),
)

destinations = Table(
    "destinations",
    metadata,
    Column("name", Text, primary_key=True),
    Column("project", Text),
    Column("settings", JSON, nullable=False),
    _time("made_at", nullable=False),
    _time("deleted_at"),
)

secrets = Table(
    "secrets",
    metadata,
    Column("name", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    _time("made_at", nullable=False),
)

keys = Table(
    "keys",
    metadata,
    Column("name", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="decrypt or signer."),
    Column("fingerprint", Text, nullable=False),
    Column("user_id", Text, nullable=False),
    Column("public", Text, nullable=False, comment="Armoured; a private part rests among the secrets."),
    _time("made_at", nullable=False),
    _time("expires_at"),
)

workflows = Table(
    "workflows",
    metadata,
    Column("key", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("project", Text),
    Column("version", Integer, nullable=False),
    Column("enabled", Boolean, nullable=False),
    _time("switched_on_at", nullable=False),
    _time("deleted_at"),
)

workflow_versions = Table(
    "workflow_versions",
    metadata,
    Column("workflow", Text, ForeignKey("workflows.key"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("definition", JSON, nullable=False),
    _time("made_at", nullable=False),
)

listings = Table(
    "listings",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    _time("first_listed_at", nullable=False),
    comment="Tasks whose first listing is complete: what appears later is new whatever its time.",
)

runs = Table(
    "runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("trigger", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("worker", Text),
    Column("manifest", JSON, comment="Batches per extract task, once every manifest is pinned."),
    Column("known", JSON, comment="Selected keys that were not taken, per extract task."),
    Column("newly_held", Integer, nullable=False, default=0),
    Column(
        "answers", JSON, comment="What the conditions answered and which loads were chosen; decided once."
    ),
    Column("faults", JSON, comment="Errors per task."),
    Column("document", JSON),
    Column(
        "noticed", Boolean, nullable=False, default=False, comment="Its notices are in the table notices."
    ),
    Column(
        "followed",
        Boolean,
        nullable=False,
        default=False,
        comment="Finished, and the workflows that begin after it were asked.",
    ),
    _time("cancel_asked_at"),
    _time("asked_at", nullable=False),
    _time("started_at"),
    _time("finished_at"),
    Index("runs_by_workflow", "workflow", "asked_at"),
    Index("runs_by_state", "state"),
    Index("runs_to_follow", "followed", "finished_at"),
    Index("runs_to_notice", "noticed", "finished_at"),
)

source_objects = Table(
    "source_objects",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("store", Text, nullable=False),
    Column("bucket", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("occurrence", Integer, nullable=False),
    Column("etag", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    _time("modified"),
    _time("found_at", nullable=False),
    _time("removed_at"),
    UniqueConstraint("store", "bucket", "key", "occurrence", name="one_row_per_occurrence"),
)

claims = Table(
    "claims",
    metadata,
    Column("id", Text, primary_key=True),
    Column("source", BigInteger, ForeignKey("source_objects.id"), nullable=False),
    Column("workflow", Text, nullable=False),
    Column("task", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("what", Words),
    Column("hint", Words),
    Column("rows", BigInteger, nullable=False, default=0),
    Column("rejected", BigInteger, nullable=False, default=0),
    Column(
        "mended",
        BigInteger,
        nullable=False,
        default=0,
        server_default="0",
        comment="Those of the rejects that were mended and loaded.",
    ),
    Column("shape", JSON, comment="Where the file has each field, as its header said."),
    Column("sha256", Text),
    Column("notes", JSON),
    Column("contract", Text),
    Column("accepted", JSON, comment="Held reasons that a person accepted."),
    Column("choice", JSON),
    Column("run", Text),
    Column("moved_to", Text),
    Column("load_begun", Boolean, nullable=False, default=False, comment="A receipt may be ours."),
    Column("suspicion", Text, comment="Worked on now, with others or alone; unset with the outcome."),
    Column("deaths", Integer, nullable=False, default=0),
    _time("loaded_at"),
    _time("updated_at", nullable=False),
    UniqueConstraint("source", "workflow", "task", name="one_claim_per_task"),
    Index("claims_by_state", "workflow", "task", "state"),
)

manifests = Table(
    "manifests",
    metadata,
    Column("run", Text, primary_key=True),
    Column("task", Text, primary_key=True),
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("batch", Integer, nullable=False),
    Column("again", Boolean, nullable=False, comment="Known, and read again for a replace unit only."),
    Column("staged", Boolean, nullable=False, comment="Read and good: a member of the replace unit."),
    Index("manifests_by_position", "run", "task", "batch", "position"),
)

receipts = Table(
    "receipts",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("load_task", Text, primary_key=True),
    Column("load", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("table", Text, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    _time("committed_at", nullable=False),
    Index("receipts_by_run", "run", "load_task"),
)

rejects = Table(
    "rejects",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("line", BigInteger, nullable=False),
    Column("offset", BigInteger, nullable=False),
    Column("raw", LargeBinary, nullable=False),
    Column("reason", Text, nullable=False),
    Column("field", Text),
)

replays = Table(
    "replays",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("part", Integer, primary_key=True, comment="The n-th replay of the file, from 1."),
    Column("workflow", Text, nullable=False),
    Column("state", Text, nullable=False, comment="waiting, begun or done."),
    Column("rows", BigInteger, nullable=False),
    _time("asked_at", nullable=False),
    _time("done_at"),
    Index("replays_by_state", "workflow", "state"),
)

mended_rows = Table(
    "mended_rows",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("offset", BigInteger, primary_key=True, comment="Of the reject in its file."),
    Column("part", Integer, nullable=False, comment="The replay that loads it."),
    Column("line", BigInteger, nullable=False),
    Column("cells", JSON, nullable=False, comment="Field by field, as texts."),
)

replay_receipts = Table(
    "replay_receipts",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("load_task", Text, primary_key=True),
    Column("load", Text, nullable=False),
    Column("run", Text, nullable=False),
    Column("destination", Text, nullable=False),
    Column("table", Text, nullable=False),
    Column("inserted", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    _time("committed_at", nullable=False),
    Index("replay_receipts_by_run", "run", "load_task"),
    Index("replay_receipts_by_load", "load"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("claim", Text, ForeignKey("claims.id"), primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("action", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("place_bucket", Text),
    Column("place_key", Text),
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Words),
    Column("held_by", Text, comment="The run that held the action."),
    _time("due_at", nullable=False),
    _time("sent_at"),
    _time("updated_at", nullable=False),
    Index("outbox_by_state", "workflow", "state"),
    Index("outbox_by_place", "place_bucket", "place_key"),
)

leases = Table(
    "leases",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column("holder", Text),
    Column("token", Integer, nullable=False),
)

probes = Table(
    "probes",
    metadata,
    Column("store", Text, primary_key=True),
    Column("bucket", Text, primary_key=True),
    Column("precondition", Text, primary_key=True),
    Column("honoured", Text, nullable=False),
    _time("probed_at", nullable=False),
)

run_log = Table(
    "run_log",
    metadata,
    Column("id", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True),
    Column("run", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("task", Text),
    Column("what", Words, nullable=False),
    _time("at", nullable=False),
    Index("run_log_by_run", "run", "id"),
)

workers = Table(
    "workers",
    metadata,
    Column("id", Text, primary_key=True, comment="One process; never used again."),
    Column("name", Text, nullable=False, comment="The operator's name for its place."),
    Column("host", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="serve, worker, or command: only the first two take runs."),
    Column("draining", Boolean, nullable=False, default=False),
    _time("started_at", nullable=False),
    _time("beat_at", nullable=False),
)

slots = Table(
    "slots",
    metadata,
    Column("destination", Text, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("holder", Text, comment="The worker that has a load unit open."),
)

schedules = Table(
    "schedules",
    metadata,
    Column("workflow", Text, primary_key=True),
    Column(
        "schedule", Text, primary_key=True, comment="A hash of what the schedule says, and of what it is for."
    ),
    _time("settled_until", nullable=False),
    comment="Scheduled times up to this one were acted on, or passed before the schedule was made.",
)

notices = Table(
    "notices",
    metadata,
    Column("id", Text, primary_key=True),
    Column("workflow", Text, nullable=False),
    Column("run", Text),
    Column("occasion", Text, nullable=False, comment="failed, held, succeeded or silent."),
    Column("channel", JSON, nullable=False, comment="E-mail address or webhook, as the workflow names it."),
    Column("body", JSON, nullable=False, comment="Never the content of a cell."),
    Column("state", Text, nullable=False, comment="waiting, sent or given-up."),
    Column("tries", Integer, nullable=False, default=0),
    Column("note", Words, comment="Why the last try failed."),
    _time("made_at", nullable=False),
    _time("due_at", nullable=False),
    _time("sent_at"),
    Index("notices_by_state", "state", "due_at"),
)
