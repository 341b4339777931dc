"""An administrator downloads a backup, and sets secrets that are never shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from bucketlift.model.account import Account, S3Compatible, VaultSecret
from bucketlift.model.user import Role
from bucketlift.model.worker import WorkerKind
from bucketlift.service.editor import drafts
from bucketlift.service.ops import database
from bucketlift.service.ops.backup_copy import BackupCopy
from bucketlift.service.ops.serving import serving
from builders import NOON


@pytest.fixture
def admin(page):
    return page.browser(Role.ADMINISTRATOR)


def words(answer) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())


def test_a_downloaded_backup_can_be_restored_and_nothing_of_it_stays_on_the_host(page, admin, tmp_path):
    answer = admin.post("/maintenance/backup")

    assert re.fullmatch(
        r'attachment; filename="bucketlift-\d{8}-\d{6}\.sqlite"', answer.headers["content-disposition"]
    )
    (tmp_path / "downloaded").write_bytes(answer.content)
    assert database.inspect(page.app, tmp_path / "downloaded").rows["users"] == 1
    assert list(page.app.home.glob("bucketlift-backup-*")) == []


def left_copy(home) -> Path:
    """What a process leaves that was killed during a download."""
    folder = home / "bucketlift-backup-killed"
    folder.mkdir()
    (folder / "backup").write_bytes(b"a ledger")
    return folder


def test_the_next_backup_deletes_the_copy_of_a_killed_process_and_no_copy_in_use(page, admin):
    killed, in_use = left_copy(page.app.home), BackupCopy(page.app.home)
    in_use.path.write_bytes(b"a ledger")

    admin.post("/maintenance/backup")

    assert (killed.exists(), in_use.path.read_bytes()) == (False, b"a ledger")
    in_use.delete()
    assert list(page.app.home.glob("bucketlift-backup-*")) == []


def test_a_service_process_deletes_the_copy_of_a_killed_process_when_it_starts(page):
    killed = left_copy(page.app.home)

    with serving(page.app, WorkerKind.SERVE):
        pass

    assert not killed.exists()


def test_a_secret_is_set_replaced_and_never_shown(page, admin):
    admin.post("/secrets/set", data={"name": "QX", "value": "first-value"})
    answer = admin.post("/secrets/set", data={"name": "QX", "value": "second-value"})

    assert answer.headers["location"] == "/secrets"
    assert page.app.vault.reveal(VaultSecret(secret="QX")) == "second-value"
    shown = admin.get("/secrets")
    assert "QX" in words(shown)
    assert "second-value" not in shown.text


def test_a_secret_without_a_value_is_refused_and_its_name_stays(page, admin):
    answer = admin.post("/secrets/set", data={"name": "QX", "value": ""})

    assert (answer.status_code, "The value of the secret is missing" in words(answer)) == (422, True)
    assert 'value="QX"' in answer.text
    assert page.app.vault.names() == ()


def test_a_used_secret_is_kept_and_an_unused_one_is_deleted(page, admin):
    for name in ("used", "unused"):
        admin.post("/secrets/set", data={"name": name, "value": "v"})
    keys = S3Compatible(
        endpoint_url="http://127.0.0.1:9000",
        region="us-east-1",
        access_key=VaultSecret(secret="used"),
        secret_key=VaultSecret(secret="used"),
    )
    page.app.ledger.catalog.save(accounts=(Account(name="acme", project=None, settings=keys),), now=NOON)

    refused = admin.post("/secrets/delete", data={"name": "used"})
    admin.post("/secrets/delete", data={"name": "unused"})

    assert "The secret is still used by account acme" in words(refused)
    assert page.app.vault.names() == ("used",)


def test_a_secret_that_only_unpublished_changes_use_is_shown_with_them_and_kept(page, admin):
    page.app.vault.put("hook", "https://hooks.slack.com/services/T0", now=NOON)
    notify = [{"when": ["failed"], "slack": {"secret": "hook"}}]
    key = drafts.create(page.app, "schedule")
    key = drafts.change(page.app, key, lambda document: document | {"title": "Nightly", "notify": notify}).key

    shown = words(admin.get("/secrets"))
    refused = admin.post("/secrets/delete", data={"name": "hook"})

    assert f"unpublished changes of {key}" in shown
    assert f"The secret is still used by unpublished changes of {key}" in words(refused)
    assert page.app.vault.names() == ("hook",)
