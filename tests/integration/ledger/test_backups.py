"""A backup is the whole ledger, and comes back whole, on SQLite and PostgreSQL."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bucketlift.errors import LeaseLost, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.claims.outbox import Outbox
from bucketlift.ledger.claims.pauses import Pauses
from bucketlift.ledger.db.database import Database
from bucketlift.ledger.db.postgresql import open_url
from bucketlift.ledger.db.sqlite import open_file
from bucketlift.ledger.maintenance.backup import TOKENS, Backups
from bucketlift.ledger.maintenance.backup_file import opened
from bucketlift.ledger.people.people import People, StoredUser
from bucketlift.ledger.people.sessions import Browser, Link, Sessions
from bucketlift.ledger.runs.workers import Workers
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.ledger.triggers.notices import Notices, put
from bucketlift.ledger.triggers.silences import SilenceMark, Silences
from bucketlift.model.account import Account, AwsRole
from bucketlift.model.claim import ClaimReceipt
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import LoadId
from bucketlift.model.notice import Mailbox, Notice, NoticeState
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.model.transition import Content, Transition
from bucketlift.model.user import Role, User
from bucketlift.model.worker import WorkerKind
from bucketlift.model.workflow import Delete
from builders import NOON, a_pinned, a_source

pytestmark = pytest.mark.slow

ROLE = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")


@pytest.fixture(params=["sqlite", "postgresql"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Another, empty ledger of each kind."""
    if request.param == "sqlite":
        made = open_file(tmp_path / "elsewhere.sqlite")
    else:
        made = open_url(request.getfixturevalue("postgresql").database())
    yield made
    made.close()


def fill(ledger) -> None:
    """Something in every table that a run writes: times, JSON and its absence, bytes, odd text."""
    one, two = a_pinned(a_source('in/ä,\n"a".csv')), a_pinned(a_source("in/b.csv"))
    ledger.catalog.save(accounts=(Account(name="acme", project="hr", settings=ROLE),), now=NOON)
    ledger.manifests.pin(ledger.run, ledger.lease, "files", [(one, 0, 0), (two, 1, 0)], now=NOON)
    reject = Reject(line=2, offset=9, raw=b'\x00\xff"\r\n', reason=RejectReason.BARE_QUOTE)
    content = Content(rows=3, notes=("a note",))
    staged = Transition(claim=one.claim, to=FileState.STAGED, content=content)
    ledger.claims.record(ledger.lease, [staged], now=NOON, rejects={one.claim: (reject,)})
    receipt = ClaimReceipt(
        claim=one.claim,
        load_task="people",
        load=LoadId("1" * 64),
        destination="warehouse",
        table="people",
        inserted=3,
        updated=0,
        unchanged=0,
        committed_at=NOON + timedelta(microseconds=123456),
    )
    ledger.claims.record_receipts(ledger.lease, ledger.run, [receipt], {one.claim: ["people"]})
    ledger.outbox.commit(ledger.lease, [(one.claim, Delete(delay=timedelta(days=7)))], now=NOON)
    with Secrets(ledger.database).changing() as secrets:
        secrets.put("lab", b"\x80sealed", now=NOON)
        secrets.set_key_check(b"\x01\x02")


def content(database: Database) -> dict[str, list[tuple[str, ...]]]:
    """Every row of every table; JSON as text, so that null and nothing differ."""
    found = {}
    with database.reading() as connection:
        for table in tables.metadata.sorted_tables:
            columns = [_comparable(column, database) for column in table.columns]
            rows = connection.execute(sa.select(*columns)).all()
            found[table.name] = sorted(tuple(map(_value, row)) for row in rows)
    return {name: rows for name, rows in found.items() if rows}


def _comparable(column: sa.Column[object], database: Database) -> sa.ColumnElement[object]:
    if not isinstance(column.type, sa.JSON):
        return column
    if database.engine.dialect.name == "postgresql":
        return sa.cast(column, sa.Text)
    return sa.type_coerce(column, sa.Text)


def _value(value: object) -> str:
    return str(value).removesuffix("+00:00") if hasattr(value, "tzinfo") else repr(value)


def changed_by_a_restore(found: dict[str, list[tuple[str, ...]]]) -> dict[str, list[tuple[str, ...]]]:
    return {name: rows for name, rows in found.items() if name not in ("installation", "leases")}


def test_a_restored_ledger_is_the_one_that_was_backed_up(ledger, elsewhere, tmp_path):
    fill(ledger)
    before = content(ledger.database)

    written = Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    restored = Backups(elsewhere).restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    after = content(elsewhere)
    assert changed_by_a_restore(after) == changed_by_a_restore(before)
    assert (restored, restored.installation) == (written, before["installation"][0][0].strip("'"))
    assert [row[:2] for row in after["installation"]] == [row[:2] for row in before["installation"]]


def test_a_restored_ledger_goes_on_counting(ledger, elsewhere, tmp_path):
    fill(ledger)
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    Backups(elsewhere).restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    with elsewhere.writing() as connection:
        last = connection.scalar(sa.select(sa.func.max(tables.source_objects.c.id)))
        source = {"store": "aws", "bucket": "drop", "key": "new", "occurrence": 1, "etag": "e", "size": 1}
        made = connection.execute(sa.insert(tables.source_objects).values(**source, found_at=NOON))

    assert made.inserted_primary_key == (last + 1,)


def test_a_restore_replaces_all_that_was_there(ledger, tmp_path):
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    before = content(ledger.database)
    fill(ledger)

    Backups(ledger.database).restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    assert changed_by_a_restore(content(ledger.database)) == changed_by_a_restore(before)


def test_a_restore_pauses_the_outbox_and_refuses_whoever_held_a_lease(ledger, tmp_path):
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)

    Backups(ledger.database).restore(tmp_path / "backup", folder=tmp_path, now=NOON + timedelta(days=1))

    paused = Pauses(ledger.database).paused()
    assert paused is not None
    assert paused.what == "The ledger was restored from a backup of 2026-03-01 12:00 UTC"
    with pytest.raises(LeaseLost):
        ledger.runs.begin(ledger.run, ledger.lease, worker="worker-1", now=NOON)
    taken = ledger.runs.take_lease("nightly", "worker-2", lambda _: True)
    assert taken.token == TOKENS + 2


def test_a_restore_brings_people_back_and_signs_everybody_out(ledger, tmp_path):
    people, sessions = People(ledger.database), Sessions(ledger.database)
    ada = User(id="1", name="ada", role=Role.ADMINISTRATOR, made_at=NOON)
    people.add(ada, password="a hash")
    browser = Browser(id="b", name="Firefox", address="192.0.2.1", made_at=NOON, seen_at=NOON)
    sessions.begin("token", browser, ada)
    sessions.invite("link", Link(user=ada, asks_password=False), now=NOON, ends_at=NOON + timedelta(days=1))
    backups = Backups(ledger.database)
    backups.write(tmp_path / "backup", now=NOON)

    backups.restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    since = NOON - timedelta(days=1)
    assert people.find("ADA") == StoredUser(user=replace(ada, signed_in_at=NOON), password="a hash")
    assert (
        sessions.find("token", made_after=since, seen_after=since, made_before=NOON + timedelta(days=1))
        is None
    )
    assert sessions.invited("link", NOON) is None


def test_a_backup_is_one_file_for_its_owner_only(ledger, tmp_path):
    folder = tmp_path / "backups"
    folder.mkdir()

    Backups(ledger.database).write(folder / "backup", now=NOON)

    assert [each.name for each in folder.iterdir()] == ["backup"]
    assert stat.S_IMODE((folder / "backup").stat().st_mode) == 0o600


def test_a_backup_shows_one_moment_whatever_is_written_meanwhile(ledger, tmp_path):
    with ledger.database.reading() as reader:
        reader.execute(sa.select(tables.claims)).all()
        fill(ledger)
        seen = reader.execute(sa.select(sa.func.count()).select_from(tables.claims)).scalar_one()
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)

    with opened(tmp_path / "backup", folder=tmp_path) as backup, backup.reading() as connection:
        kept = connection.execute(sa.select(sa.func.count()).select_from(tables.claims)).scalar_one()
    assert (seen, kept) == (0, 2)


def test_nothing_is_overwritten(ledger, tmp_path):
    (tmp_path / "backup").write_text("somebody's own")

    with pytest.raises(RequestWrong, match="The file already exists"):
        Backups(ledger.database).write(tmp_path / "backup", now=NOON)

    assert (tmp_path / "backup").read_text() == "somebody's own"


def test_no_ledger_is_restored_under_a_process_at_work(ledger, tmp_path):
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    Workers(ledger.database).enter("1-abc", name="vault-2", host="h", kind=WorkerKind.SERVE)
    before = content(ledger.database)

    with pytest.raises(
        RequestWrong, match=r"A process is using this ledger: vault-2 \(serve, process 1-abc\)"
    ):
        Backups(ledger.database).restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    assert content(ledger.database) == before


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    """Of a new ledger in SQLite."""
    database = open_file(tmp_path / "ledger.sqlite")
    Backups(database).write(tmp_path / "backup", now=NOON)
    database.close()
    return tmp_path / "backup"


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Database]:
    made = open_file(tmp_path / "target.sqlite")
    yield made
    made.close()


def tell_otherwise(path: Path, statement: str) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE backup SET revision = '9999'", "made by a newer Bucketlift"),
        ("UPDATE backup SET format = 99", "made by a newer Bucketlift"),
        ("DROP TABLE backup", "The file is not a backup of Bucketlift"),
        ("DELETE FROM backup", "The file is not a backup of Bucketlift"),
        ("DELETE FROM installation", r"is damaged \(0 of 1 rows in installation\)"),
    ],
)
def test_a_file_that_is_not_the_whole_backup_is_refused_and_nothing_is_changed(
    target, backup, statement, told
):
    tell_otherwise(backup, statement)
    before = content(target)

    with pytest.raises(RequestWrong, match=told):
        Backups(target).restore(backup, folder=backup.parent, now=NOON)

    assert content(target) == before


@pytest.mark.parametrize("kept", [0, 10, 5000, -5000])
def test_a_backup_that_was_cut_is_refused(target, backup, kept):
    backup.write_bytes(backup.read_bytes()[:kept])

    with pytest.raises(RequestWrong, match="not a backup of Bucketlift"):
        Backups(target).restore(backup, folder=backup.parent, now=NOON)


def test_a_file_that_is_not_there_is_told(target, tmp_path):
    with pytest.raises(RequestWrong, match="not a backup of Bucketlift"):
        Backups(target).restore(tmp_path / "nothing", folder=tmp_path, now=NOON)


def test_a_restore_leaves_no_copy_behind(target, backup):
    before = sorted(each.name for each in backup.parent.iterdir())

    Backups(target).restore(backup, folder=backup.parent, now=NOON)

    assert sorted(each.name for each in backup.parent.iterdir()) == before


def test_pending_actions_come_back_with_their_times(ledger, elsewhere, tmp_path):
    fill(ledger)
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    Backups(elsewhere).restore(tmp_path / "backup", folder=tmp_path, now=NOON)

    week = NOON + timedelta(days=7)
    early = Outbox(elsewhere).due("nightly", now=week - timedelta(seconds=1), limit=10)
    due = Outbox(elsewhere).due("nightly", now=week, limit=10)

    assert (early, due) == ([], ledger.outbox.due("nightly", now=week, limit=10))
    assert len(due) == 1


def test_a_restore_sends_nothing_again_and_judges_no_silence_of_which_arrivals_were_lost(
    ledger, elsewhere, tmp_path
):
    notice = Notice(
        id="n1",
        workflow="nightly",
        run=None,
        occasion="silent",
        channel=Mailbox(email="hr@example.com"),
        body={"format": 1},
        made_at=NOON,
        due_at=NOON,
    )
    with ledger.database.writing() as connection:
        put(connection, [notice])
    Silences(ledger.database).begin("nightly", "silent:1", now=NOON)
    Backups(ledger.database).write(tmp_path / "backup", now=NOON)
    later = NOON + timedelta(days=2)

    Backups(elsewhere).restore(tmp_path / "backup", folder=tmp_path, now=later)

    note = "Given up: restored from a backup of 2026-03-01 12:00 UTC, and may have been sent since then"
    assert Notices(elsewhere).find() == (replace(notice, state=NoticeState.GIVEN_UP, note=note),)
    assert Silences(elsewhere).marks() == {("nightly", "silent:1"): SilenceMark(until=later)}
