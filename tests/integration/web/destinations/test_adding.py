"""Destinations of each kind on the page: added, tested, shown without secrets."""

from __future__ import annotations

import re

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    BearerAuth,
    Destination,
    HttpDestination,
    LocalFolder,
    PostgresqlDestination,
    QualtricsDestination,
    VaultSecret,
)
from bucketlift.model.user import Role
from bucketlift.service.destinations import destinations
from visitors import opened

HTTP = {
    "new-kind": "http",
    "new-name": "hook",
    "new-url": "https://hooks.example.com/rows",
    "new-auth": "bearer",
    "new-secret": "canary-token",
}
PLATFORM = {
    "new-kind": "qualtrics",
    "new-name": "platform",
    "new-datacenter": "iad1",
    "new-secret": "canary-token",
}
KINDS = ("duckdb", "sqlite", "postgresql", "directory", "http", "s3", "sftp", "folder", "qualtrics")


def settings(page, name):
    return page.app.ledger.catalog.destination(name).settings


def test_an_http_receiver_is_added_with_its_token_in_the_vault(page):
    editor = page.browser(Role.EDITOR)

    answer = editor.post("/destinations/added", data=HTTP, headers={"HX-Request": "true"})

    assert (answer.status_code, "Destination added" in answer.text) == (200, True)
    found = settings(page, "hook")
    assert isinstance(found, HttpDestination)
    assert isinstance(found.auth, BearerAuth)
    assert page.app.vault.reveal(found.auth.bearer) == "canary-token"
    shown = [editor.get(path).text for path in ("/destinations", "/destinations/hook/edit")]
    assert not any("canary" in each for each in shown)


def test_the_hosted_platform_is_added_with_its_token_in_the_vault(page):
    answer = page.browser(Role.EDITOR).post("/destinations/added", data=PLATFORM)

    assert answer.status_code == 200
    found = settings(page, "platform")
    assert isinstance(found, QualtricsDestination)
    assert found.token is not None
    assert page.app.vault.reveal(found.token) == "canary-token"


def test_a_folder_below_an_allowed_one_is_added_without_links_in_its_path(page, exports):
    (exports / "hr").mkdir()
    (exports / "link").symlink_to(exports / "hr")

    answer = page.browser(Role.EDITOR).post(
        "/destinations/added",
        data={"new-kind": "folder", "new-name": "out", "new-path": f"{exports}/hr/../link"},
    )

    assert answer.status_code == 200
    assert settings(page, "out") == LocalFolder(path=str(exports / "hr"))


def test_each_kind_has_a_form_that_says_what_its_test_does(page):
    editor = page.browser(Role.EDITOR)

    shown = {kind: editor.get(f"/destinations/new?kind={kind}") for kind in KINDS}

    assert [each.status_code for each in shown.values()] == [200] * len(KINDS)
    assert all(f'name="new-kind" value="{kind}"' in each.text for kind, each in shown.items())
    assert all(re.search(r"The test: \w+", each.text) for each in shown.values())


def test_what_an_administrator_must_allow_is_said_before_the_form(tmp_path):
    with opened(tmp_path / "strict") as page:
        editor = page.browser(Role.EDITOR)

        choice = editor.get("/destinations/new").text
        forms = {
            kind: editor.get(f"/destinations/new?kind={kind}").text
            for kind in ("postgresql", "folder", "sftp")
        }

    assert choice.count("an administrator must allow it first") == 4
    before = {kind: text.partition("<form")[0] for kind, text in forms.items()}
    assert (
        "BUCKETLIFT_ALLOWED_DATABASES=db.example.com:5432</pre>"
        in forms["postgresql"].partition('name="new-kind"')[0]
    )
    assert "BUCKETLIFT_ALLOWED_FOLDERS=/srv/exports</pre>" in forms["folder"].partition('name="new-kind"')[0]
    assert (
        "BUCKETLIFT_ALLOWED_HOSTS=files.example.com:22</pre>" in forms["sftp"].partition('name="new-kind"')[0]
    )
    assert before


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (
            {"new-url": "https://other.example.com/rows"},
            "BUCKETLIFT_ALLOWED_HOSTS=hooks.example.com:443,127.0.0.1:9,other.example.com:443",
        ),
        ({"new-url": "https://hooks.example.com:8443/rows"}, "hooks.example.com:8443"),
        ({"new-url": "https://hooks.example.com.:8443/rows"}, "hooks.example.com:8443"),
        ({"new-url": "https://[::1]/rows"}, "[::1]:443"),
    ],
)
def test_a_server_that_is_not_allowed_is_refused_with_the_line_to_set(page, wrong, line):
    answer = page.browser(Role.EDITOR).post("/destinations/added", data=HTTP | wrong)

    assert answer.status_code == 422
    assert line in answer.text
    assert wrong["new-url"] in answer.text  # what was typed is kept
    assert "canary" not in answer.text
    assert page.app.ledger.catalog.destinations() == {}


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com\\@evil.example/rows",
        "https://evil.example#@hooks.example.com/rows",
        "https://user@hooks.example.com/rows",
        "https://hooks.example.com\u3002evil.example/rows",
        "https://0x7f.1/rows",
        "http://hooks.example.com/rows",
    ],
)
def test_an_address_that_programs_read_differently_is_refused(page, url):
    answer = page.browser(Role.EDITOR).post("/destinations/added", data=HTTP | {"new-url": url})

    assert answer.status_code == 422
    assert page.app.ledger.catalog.destinations() == {}


def test_a_folder_that_leads_out_of_the_allowed_ones_is_refused(page, exports, tmp_path):
    (exports / "out").symlink_to(tmp_path)
    (tmp_path / "exports-old").mkdir()
    editor = page.browser(Role.EDITOR)

    for path in (f"{exports}/..", f"{exports}/out", f"{tmp_path}/exports-old", "exports", "/etc"):
        answer = editor.post(
            "/destinations/added", data={"new-kind": "folder", "new-name": "out", "new-path": path}
        )
        assert answer.status_code == 422, path

    assert page.app.ledger.catalog.destinations() == {}


def test_the_home_is_never_a_folder_for_files(tmp_path):
    with opened(tmp_path / "home", allowed_folders=str(tmp_path)) as page:
        editor = page.browser(Role.EDITOR)
        answers = [
            editor.post(
                "/destinations/added",
                data={"new-kind": "folder", "new-name": "out", "new-path": str(path)},
            )
            for path in (tmp_path, tmp_path / "home", tmp_path / "home" / "spool")
        ]

    assert [each.status_code for each in answers] == [422, 422, 422]
    assert all("own files" in each.text for each in answers)


def test_a_place_that_the_operator_allows_no_more_is_not_used(page, exports, tmp_path):
    editor = page.browser(Role.EDITOR)
    editor.post("/destinations/added", data=HTTP)
    editor.post(
        "/destinations/added",
        data={"new-kind": "folder", "new-name": "out", "new-path": str(exports)},
    )

    with opened(tmp_path / "home") as later:
        for name in ("hook", "out"):
            with pytest.raises(RequestWrong, match="The operator does not allow"):
                later.app.connections.delivery(name)
            assert not destinations.passed(destinations.examine(later.app, name))


def test_the_tables_of_a_database_that_the_operator_allows_no_more_are_not_read(page):
    page.app.vault.put("url", "postgresql://u:p@elsewhere.example/db", now=page.app.now())
    settings = PostgresqlDestination(url=VaultSecret(secret="url"))
    added_on_page = Destination(name="warehouse", settings=settings, on_page=True)
    page.app.ledger.catalog.save(destinations=(added_on_page,), now=page.app.now())

    with pytest.raises(RequestWrong, match="The operator does not allow this database"):
        page.app.connections.table_reader("warehouse")


def test_a_link_that_appears_later_leads_nowhere_else(page, exports, tmp_path):
    (exports / "hr").mkdir()
    page.browser(Role.EDITOR).post(
        "/destinations/added",
        data={"new-kind": "folder", "new-name": "out", "new-path": f"{exports}/hr"},
    )
    (exports / "hr").rmdir()
    (exports / "hr").symlink_to(tmp_path)

    with pytest.raises(RequestWrong, match="The operator does not allow this folder"):
        page.app.connections.delivery("out")


def test_with_htmx_only_the_problem_is_answered_so_that_what_was_typed_stays(page):
    answer = page.browser(Role.EDITOR).post(
        "/destinations/added",
        data=HTTP | {"new-url": "https://other.example.com/rows"},
        headers={"HX-Request": "true"},
    )

    assert (answer.status_code, answer.headers["hx-retarget"]) == (422, "#new-problem")
    assert "<form" not in answer.text
