"""Folders from which files are read, on the page: only where the operator allows, and one account for each folder."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.account import FolderAccount
from bucketlift.model.user import Role
from bucketlift.service.accounts import doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.service.editor import drafts
from visitors import opened


@pytest.fixture
def incoming(tmp_path):
    folder = tmp_path / "incoming"
    folder.mkdir()
    (folder / "staff.csv").write_text("ID\n1\n")
    return folder


@pytest.fixture
def page(tmp_path, incoming):
    with opened(tmp_path / "home", allowed_folders=str(incoming)) as page:
        yield page


def given(path, **more):
    return {"new-kind": "folder", "new-title": "Drop", "new-path": str(path)} | more


def test_a_folder_is_added_checked_edited_and_deleted(page, incoming):
    editor = page.browser(Role.EDITOR)
    (incoming / "hr").mkdir()

    added = editor.post("/accounts/places", data=given(incoming))
    passed = doctor.examine(page.app, "drop", AccountUse()).passed
    checked = editor.post("/accounts/drop/doctor")
    shown = editor.get("/accounts/drop")
    edited = editor.post(
        "/accounts/drop/place", data=given(incoming / "hr", **{"new-accept_weak_store": "yes"})
    )
    settings = page.app.ledger.catalog.account("drop").settings
    deleted = editor.post("/accounts/drop/delete")

    assert (added.status_code, added.headers["location"]) == (303, "/accounts/drop")
    assert (passed, checked.status_code, shown.status_code) == (True, 200, 200)
    assert not any("s3:" in each.text for each in (checked, shown))
    assert "Bucket" not in shown.text.partition('id="for"')[2].partition("</form>")[0]
    assert edited.status_code == 303
    assert settings == FolderAccount(
        path=str(incoming / "hr"), accept_weak_store=True, store_name=str(incoming)
    )
    assert deleted.status_code == 303
    assert page.app.ledger.catalog.accounts() == {}


def test_a_folder_inside_the_folder_of_another_account_is_refused(page, incoming):
    editor = page.browser(Role.EDITOR)
    (incoming / "hr").mkdir()
    editor.post("/accounts/places", data=given(incoming))

    answer = editor.post("/accounts/places", data=given(incoming / "hr"))

    assert answer.status_code == 422
    assert "both would load them" in answer.text
    assert list(page.app.ledger.catalog.accounts()) == ["drop"]


def test_a_folder_that_the_operator_does_not_allow_is_refused_and_said_before(page, tmp_path):
    editor = page.browser(Role.EDITOR)

    answer = editor.post("/accounts/places", data=given(tmp_path))
    with opened(tmp_path / "strict") as strict:
        form = strict.browser(Role.EDITOR).get("/accounts/new?kind=folder").text

    assert answer.status_code == 422
    assert f'value="{tmp_path}"' in answer.text
    assert "BUCKETLIFT_ALLOWED_FOLDERS=/srv/incoming</pre>" in form.partition('name="new-kind"')[0]


def test_a_folder_that_the_operator_allows_no_more_is_not_read(page, incoming, tmp_path):
    page.browser(Role.EDITOR).post("/accounts/places", data=given(incoming))

    with opened(tmp_path / "home") as later, pytest.raises(RequestWrong, match="does not allow this folder"):
        doctor.examine(later.app, "drop", AccountUse())


def test_an_extract_task_reads_from_a_folder(page, incoming):
    editor = page.browser(Role.EDITOR)
    editor.post("/accounts/places", data=given(incoming))
    key = drafts.create(page.app, "schedule")
    step = f"/workflows/{key}/tasks/new/extract"

    chosen = editor.post(f"{step}/account?after=", data={"account": "drop"})
    shown = editor.get(f"{step}/setup?after=").text
    selected = {"prefix": "st", "after_import": "move", "archive_prefix": "done/", "file_type": "csv"}
    listed = editor.post(f"{step}/setup/look?after=", data=selected).text
    editor.post(f"{step}/setup?after=", data=selected, files={"sample": ("staff.csv", b"ID\n1\n")})
    saved = editor.post(f"{step}/fields?after=", data={"do": "save"})

    assert chosen.status_code == 303
    assert "S3 bucket name" not in shown
    assert "staff.csv" in listed
    assert saved.status_code == 303
    [task] = drafts.get(page.app, key).document["tasks"]
    assert {word: task["extract"].get(word) for word in ("kind", "account", "bucket", "prefix")} == {
        "kind": "folder",
        "account": "drop",
        "bucket": None,
        "prefix": "st",
    }
    assert task["extract"]["after_import"] == {"action": "move", "prefix": "done/"}


def store(page, name):
    return page.app.ledger.catalog.account(name).settings.store


def test_an_account_keeps_its_store_when_its_folder_moves_so_that_no_file_is_loaded_again(page, incoming):
    editor = page.browser(Role.EDITOR)
    for each in ("old", "new", "newer"):
        (incoming / each).mkdir()
    editor.post("/accounts/places", data=given(incoming / "old"))

    stores = []
    for each in ("new", "newer", "old"):
        editor.post("/accounts/drop/place", data=given(incoming / each))
        stores.append(store(page, "drop"))

    assert stores == [f"folder:{incoming}/old"] * 3
    assert page.app.ledger.catalog.account("drop").settings.path == f"{incoming}/old"


def test_an_account_whose_new_folder_has_other_files_gets_a_new_store(page, incoming):
    editor = page.browser(Role.EDITOR)
    for each in ("old", "new"):
        (incoming / each).mkdir()
    editor.post("/accounts/places", data=given(incoming / "old"))

    editor.post("/accounts/drop/place", data=given(incoming / "new", **{"new-another_place": "yes"}))

    assert store(page, "drop") == f"folder:{incoming}/new"


def test_an_account_of_a_folder_that_another_account_left_does_not_share_its_store(page, incoming):
    editor = page.browser(Role.EDITOR)
    for each in ("old", "new"):
        (incoming / each).mkdir()
    editor.post("/accounts/places", data=given(incoming / "old"))
    editor.post("/accounts/drop/place", data=given(incoming / "new"))

    editor.post("/accounts/places", data=given(incoming / "old", **{"new-title": "Second"}))

    assert store(page, "drop") == f"folder:{incoming}/old"
    assert store(page, "second") == f"folder:second at folder:{incoming}/old"
