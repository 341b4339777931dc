"""Folders and SFTP servers in a workflow file: what an extract on them may and must say."""

from __future__ import annotations

import pytest

from bucketlift.definition.compile.definition import Installed
from bucketlift.definition.export import export
from bucketlift.model.account import FolderAccount, SftpAccount, VaultSecret
from bucketlift.model.source import Selection
from bucketlift.model.workflow import Move

KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ"
TEXT = """\
version: 1
project: hr
accounts:
  drop: {kind: folder, path: drop}
destinations: {db: {kind: sqlite, path: db.sqlite}}
workflows:
  w:
    tasks:
      - id: files
        extract: {kind: folder, account: drop, prefix: in/, columns: [id], after_import: {action: move, prefix: done/}}
      - id: load
        load: {from: files, to: db, table: t}
"""
DROP = "drop: {kind: folder, path: drop}"
SERVER = f"drop: {{kind: sftp, host: Files.example.com, user: hr, private_key: {{secret: SFTP}}, host_key: '{KEY}'}}"


def test_a_folder_takes_the_place_of_a_bucket(compiled, folder) -> None:
    definition = compiled(text=TEXT)

    (extract,) = definition.workflows[0].extracts
    assert definition.accounts[0].settings == FolderAccount(path=str(folder / "drop"))
    assert definition.accounts[0].settings.store == f"folder:{folder}/drop"
    assert extract.selection == Selection(bucket="", kind="folder", prefix="in/")
    assert extract.after_import == Move(bucket="", prefix="done/")


def test_a_server_has_its_user_and_path_in_its_name(compiled) -> None:
    (account,) = compiled(
        (DROP, SERVER), ("kind: folder, account", "kind: sftp, account"), text=TEXT
    ).accounts

    assert account.settings == SftpAccount(
        host="Files.example.com", user="hr", host_key=(KEY,), private_key=VaultSecret(secret="SFTP")
    )
    assert account.settings.store == "sftp://hr@files.example.com:22/"


@pytest.mark.parametrize("changes", [(), ((DROP, SERVER), ("kind: folder, account", "kind: sftp, account"))])
def test_an_exported_file_means_the_same(compiled, changes) -> None:
    definition = compiled(*changes, text=TEXT)

    again = compiled(text=export(definition, lambda *_: None))

    assert (again.accounts, again.workflows) == (definition.accounts, definition.workflows)


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ((("prefix: in/", "prefix: in/, bucket: b"),), "there is no bucket for `kind: folder`"),
        ((("prefix: done/", "prefix: done/, bucket: b"),), "there is no bucket for `kind: folder`"),
        (
            (("prefix: in/", "prefix: in/, requester_pays: true"),),
            "`requester_pays` cannot be used for `kind: folder`",
        ),
        (
            (("prefix: in/", "prefix: in/, restore: {days: 1}"),),
            "`restore` cannot be used for `kind: folder`",
        ),
        (
            (("prefix: done/", "prefix: done/, storage_class: STANDARD"),),
            "`storage_class` cannot be used for `kind: folder`",
        ),
        ((("prefix: in/", "prefix: ../in/"),), "the prefix is not a path below the account's folder"),
        ((("prefix: in/", "prefix: /in/"),), "the prefix is not a path below the account's folder"),
        ((("prefix: done/", "prefix: a//b"),), "the prefix is not a path below the account's folder"),
        (
            (("kind: folder, account", "kind: sftp, account"),),
            "account `drop` is of kind `folder`, but the extract is of kind `sftp`",
        ),
        ((("kind: folder, account", "kind: s3, account"),), "`bucket` is missing"),
        (
            (("kind: folder, account: drop", "kind: s3, account: drop, bucket: b"),),
            "`bucket` is missing",
        ),
    ],
)
def test_what_only_s3_has_is_refused(problems, changes, problem) -> None:
    found = problems(*changes, text=TEXT)

    assert [each for each in found if each.startswith(problem)]


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (("host: Files.example.com", "host: 'sftp://files'"), "not the name of a server"),
        ((KEY, "ssh-dss AAAA"), "not the key of an SSH server"),
        (("private_key: {secret: SFTP}, ", ""), "an SFTP server has either `private_key` or `password`"),
        (("host_key: ", "hostkey: "), "unknown key `hostkey`"),
    ],
)
def test_a_server_that_is_not_described_is_refused(problems, change, problem) -> None:
    found = problems((DROP, SERVER), change, text=TEXT)

    assert [each for each in found if each.startswith(problem)]


def accounts(*folders: str) -> str:
    return "\n  ".join(folders)


@pytest.mark.parametrize(
    ("two", "problem"),
    [
        ("two: {kind: folder, path: drop/in}", "account `two`: its folder has files of account `drop`"),
        ("two: {kind: folder, path: .}", "account `two`: its folder has files of account `drop`"),
        (
            "two: {kind: folder, path: drop, store: other}",
            "account `two`: its folder has files of account `drop`",
        ),
        (
            "two: {kind: folder, path: drop/in, worker: b}",
            "account `two`: its folder has files of account `drop`",
        ),
    ],
)
def test_two_accounts_with_the_same_files_are_refused(problems, two, problem) -> None:
    assert [each for each in problems((DROP, accounts(DROP, two)), text=TEXT) if each.startswith(problem)]


def test_an_account_of_the_installation_with_the_same_files_is_found(problems, folder) -> None:
    installed = Installed(accounts={"old": FolderAccount(path=str(folder))}, destinations={})

    found = problems(text=TEXT, installed=installed)

    assert found[0].startswith("account `drop`: its folder has files of account `old`")


@pytest.mark.parametrize(
    "two",
    [
        "two: {kind: folder, path: drop}",
        "two: {kind: folder, path: drop2}",
        "two: {kind: folder, path: drop, worker: b}",
    ],
)
def test_accounts_with_other_files_and_two_names_of_one_store_are_taken(compiled, two) -> None:
    assert len(compiled((DROP, accounts(DROP, two)), text=TEXT).accounts) == 2


@pytest.mark.parametrize(("store", "count"), [("", 1), (", store: b", 0)])
def test_folders_of_two_workers_need_two_names(folder, compiled, problems, store, count) -> None:
    one, two = (
        "drop: {kind: folder, path: drop, worker: a}",
        f"two: {{kind: folder, path: drop, worker: b{store}}}",
    )
    changes = ((DROP, accounts(one, two)),)

    if count:
        (problem,) = problems(*changes, text=TEXT)
        assert problem.startswith("account `two`: it counts as the same store as account `drop`")
    else:
        assert len(compiled(*changes, text=TEXT).accounts) == 2
