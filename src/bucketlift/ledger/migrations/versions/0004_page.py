"""What the page needs: workflows that somebody is still changing, and events that begin them; what silences missed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _people()
    _drafts()
    _events()
    _running()
    _accounts()
    _silences()


def _silences() -> None:
    op.add_column(
        "schedules",
        sa.Column(
            "missed",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="The expected time of which a silence was told last, while nothing came since.",
        ),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("key", sa.Text(), nullable=False, comment="Of the workflow, published or not."),
        sa.Column(
            "document",
            sa.JSON(),
            nullable=True,
            comment="As it would stand in a workflow file; none where nothing is changed.",
        ),
        sa.Column(
            "scratch", sa.JSON(), nullable=False, comment="What half-filled forms know, by the form's name."
        ),
        sa.Column(
            "based_on",
            sa.Integer(),
            nullable=True,
            comment="The version that was changed; none of a workflow never published.",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="Raised by each change."),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column(
            "mark", sa.Text(), nullable=False, comment="A hash of the request's proof, which is good once."
        ),
        sa.Column("run", sa.Text(), nullable=False, comment="The run that it asked for, or joined."),
        sa.Column("fields", sa.JSON(), nullable=False, comment="What was taken from the event."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow", "mark"),
    )
    op.create_index("events_by_run", "events", ["run"])
    op.create_index("events_by_time", "events", ["at"])


def _accounts() -> None:
    for column in (
        sa.Column(
            "title", sa.Text(), nullable=True, comment="What people call it, where it was made on the page."
        ),
        sa.Column(
            "owner",
            sa.Text(),
            nullable=True,
            comment="The user who made it for themselves; unset: a file, a command, or for others.",
        ),
        sa.Column("shared", sa.JSON(), nullable=True, comment="With whom an administrator shared it."),
        sa.Column("examined", sa.JSON(), nullable=True, comment="What the doctor last found, and when."),
    ):
        op.add_column("accounts", column)
    op.create_table(
        "begun_accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False, comment="The user who is making it."),
        sa.Column("for_others", sa.Boolean(), nullable=False, comment="An administrator's, to be shared."),
        sa.Column(
            "external_id",
            sa.Text(),
            nullable=False,
            comment="Shown before the role exists; the account keeps it.",
        ),
        sa.Column("told", sa.JSON(), nullable=False, comment="What the person has said so far."),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _running() -> None:
    op.create_table(
        "advances",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False, comment="Tasks and the files that are worked on now."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run"),
        comment="How far each run is that is under way.",
    )
    for name in ("files", "rows"):
        op.add_column(
            "runs",
            sa.Column(name, sa.BigInteger(), nullable=True, comment="Loaded; unset while it is not over."),
        )
    op.create_index("runs_by_time", "runs", ["asked_at", "id"])
    waiting = sa.text("state IN ('held', 'action-held', 'archived-tier')")
    op.create_index(
        "claims_in_need",
        "claims",
        ["workflow", "state", "reason"],
        sqlite_where=waiting,
        postgresql_where=waiting,
    )
    _count_runs()


def _count_runs() -> None:
    """Of the runs that an older version ended, from what they answered."""
    runs = sa.table(
        "runs",
        sa.column("id", sa.Text()),
        sa.column("document", sa.JSON()),
        sa.column("files", sa.BigInteger()),
        sa.column("rows", sa.BigInteger()),
    )
    connection = op.get_bind()
    ended = connection.execute(sa.select(runs.c.id).where(runs.c.document.is_not(None))).scalars().all()
    for run in ended:
        tasks = connection.scalar(sa.select(runs.c.document["tasks"]).where(runs.c.id == run)) or []
        loaded = {
            name: sum(task[name]["loaded"] for task in tasks if "files" in task) for name in ("files", "rows")
        }
        connection.execute(sa.update(runs).where(runs.c.id == run).values(**loaded))


def _people() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="As it was written when the person was added."),
        sa.Column("folded", sa.Text(), nullable=False, comment="The name, whatever its case."),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "password",
            sa.Text(),
            nullable=True,
            comment="An Argon2 hash; none before the person chose a password.",
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("folded"),
    )
    op.create_table(
        "sessions",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False, comment="A hash: only the browser knows the token."),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False, comment="As it called itself at sign-in."),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("token"),
    )
    op.create_index("sessions_by_user", "sessions", ["user"])
    op.create_table(
        "links",
        sa.Column("token", sa.Text(), nullable=False, comment="A hash of what the link carries."),
        sa.Column("user", sa.Text(), nullable=True, comment="Whom it lets in; nobody's: who sets up."),
        sa.Column(
            "asks_password", sa.Boolean(), nullable=False, comment="Whether a password is chosen with it."
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"]),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("links_by_user", "links", ["user"])
    op.create_table(
        "tries",
        sa.Column("of", sa.Text(), nullable=False, comment="A hash of the name or the address."),
        sa.Column("failed", sa.Integer(), nullable=False, comment="Sign-ins in a row."),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("of"),
    )
