"""Adds tables for the page: drafts and events of workflows, and reported silences."""

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
            comment="The expected time of the last silence reported, if no file has arrived since.",
        ),
    )


def _drafts() -> None:
    op.create_table(
        "drafts",
        sa.Column("key", sa.Text(), nullable=False, comment="The workflow's key, published or not."),
        sa.Column(
            "document",
            sa.JSON(),
            nullable=True,
            comment="The changed workflow, as in a workflow file; null if nothing is changed.",
        ),
        sa.Column("scratch", sa.JSON(), nullable=False, comment="Values of unfinished forms, by form name."),
        sa.Column(
            "based_on",
            sa.Integer(),
            nullable=True,
            comment="The published version that is changed; null if never published.",
        ),
        sa.Column("number", sa.Integer(), nullable=False, comment="Increased by each change."),
        sa.Column("changed_by", sa.Text(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key"),
    )


def _events() -> None:
    op.create_table(
        "events",
        sa.Column("workflow", sa.Text(), nullable=False),
        sa.Column(
            "mark", sa.Text(), nullable=False, comment="A hash of the request's proof, which is valid once."
        ),
        sa.Column("run", sa.Text(), nullable=False, comment="The run that the event queued or joined."),
        sa.Column("fields", sa.JSON(), nullable=False, comment="Fields taken from the event."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("workflow", "mark"),
    )
    op.create_index("events_by_run", "events", ["run"])
    op.create_index("events_by_time", "events", ["at"])


def _accounts() -> None:
    for column in (
        sa.Column(
            "title", sa.Text(), nullable=True, comment="The title, if the account was created on the page."
        ),
        sa.Column(
            "owner",
            sa.Text(),
            nullable=True,
            comment="The user who created it for themselves; unset if created by a file, a command, or for others.",
        ),
        sa.Column(
            "shared", sa.JSON(), nullable=True, comment="The users with whom an administrator shared it."
        ),
        sa.Column("examined", sa.JSON(), nullable=True, comment="The doctor's last findings and their time."),
    ):
        op.add_column("accounts", column)
    op.create_table(
        "begun_accounts",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("maker", sa.Text(), nullable=False, comment="The user who is creating the account."),
        sa.Column(
            "for_others", sa.Boolean(), nullable=False, comment="An administrator creates it for other users."
        ),
        sa.Column(
            "external_id",
            sa.Text(),
            nullable=False,
            comment="Shown before the role exists, and used by the account later.",
        ),
        sa.Column("told", sa.JSON(), nullable=False, comment="The user's input so far."),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )


def _running() -> None:
    op.create_table(
        "advances",
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False, comment="Tasks and the files in progress."),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("run"),
        comment="The progress of running runs.",
    )
    for name in ("files", "rows"):
        op.add_column(
            "runs",
            sa.Column(
                name, sa.BigInteger(), nullable=True, comment="Number loaded; unset until the run ends."
            ),
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
    """Fill in the counts of runs that an older version finished, from the summaries of the runs."""
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
        sa.Column("name", sa.Text(), nullable=False, comment="The name as entered."),
        sa.Column("folded", sa.Text(), nullable=False, comment="The name in case-folded form."),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column(
            "password",
            sa.Text(),
            nullable=True,
            comment="An Argon2 hash; null before a password is chosen.",
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
        sa.Column(
            "token", sa.Text(), nullable=False, comment="A hash of the token; only the browser has the token."
        ),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False, comment="From the user agent at sign-in."),
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
        sa.Column("token", sa.Text(), nullable=False, comment="A hash of the link's token."),
        sa.Column(
            "user", sa.Text(), nullable=True, comment="The user who can sign in; null for the set-up link."
        ),
        sa.Column("asks_password", sa.Boolean(), nullable=False, comment="The user must choose a password."),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user"], ["users.id"]),
        sa.PrimaryKeyConstraint("token"),
    )
    op.create_index("links_by_user", "links", ["user"])
    op.create_table(
        "tries",
        sa.Column("of", sa.Text(), nullable=False, comment="A hash of the name or the address."),
        sa.Column("failed", sa.Integer(), nullable=False, comment="Consecutive failed sign-ins."),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("of"),
    )
