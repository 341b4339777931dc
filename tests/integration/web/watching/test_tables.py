"""What was loaded: the tables of a destination, one table, and the way from a file or run to its rows and back."""

from __future__ import annotations

import re
import socket
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from bucketlift.loaders.process_locks import exclusive
from bucketlift.model.account import Destination, PostgresqlDestination, VaultSecret
from bucketlift.model.user import Role
from bucketlift.service.destinations import destinations, tables
from e2e.world import table_of
from integration.web.watching.conftest import A, files_of
from integration.web.watching.test_attention import text_of
from pages.furniture import _fill_directory
from visitors import opened

pytestmark = pytest.mark.slow

TABLES, TABLE = "/destinations/warehouse/tables", "/destinations/warehouse/table?table=people"
BIDI = "\u202e"


@pytest.fixture(autouse=True)
def _patient(monkeypatch):
    """Limits that a busy machine does not reach."""
    monkeypatch.setattr(tables, "ANSWER", 60.0)
    monkeypatch.setattr(tables, "LONGEST", 60.0)
    monkeypatch.setattr("bucketlift.loaders.table_reader.ATTEMPTS", ((None, 60.0),))
    monkeypatch.setattr("bucketlift.loaders.table_reader.ROWS_TAKE", 60.0)


def warehouse(page) -> Path:
    return Path(page.app.ledger.catalog.destination("warehouse").settings.path)


def test_a_file_and_a_run_lead_to_their_table_and_the_table_back_to_them(shared, known):
    browser, file = shared.browser(Role.OPERATOR), known["good.csv"]
    run = shared.app.ledger.claims.get(file).run

    there = re.search(r'href="(/destinations/warehouse/table\?[^"]*)"', browser.get(f"/files/{file}").text)
    from_run = browser.get(f"/runs/{run}").text
    assert there is not None
    rows = browser.get(there[1].replace("&amp;", "&"))

    assert 'href="/destinations/warehouse/table?table=people"' in from_run
    assert "Rows of in/good.csv" in text_of(rows)
    assert [f'href="/files/{file}"' in rows.text, f'href="/runs/{run}"' in rows.text] == [True, True]
    assert f'href="/files/{file}/unload"' in rows.text
    assert f'href="{TABLES}"' in rows.text


def test_a_destination_lists_what_workflows_load_into_it(shared):
    listed = shared.browser(Role.VIEWER).get("/destinations").text
    told = text_of(shared.browser(Role.VIEWER).get(TABLES))

    assert f'href="{TABLES}"' in listed
    assert re.search(r"people w 1 2 0 \d{4}-", told)


def test_columns_rows_files_and_days_of_a_table_are_shown(shared):
    told = text_of(shared.browser(Role.OPERATOR).get(TABLE))

    assert "2 rows" in told
    assert "id VARCHAR 0 2 1 2" in told
    assert "name VARCHAR 0 2 Ada Bob" in told
    assert re.search(r"in/good\.csv w, people \S+ \S+ UTC 2 0 0 Rows Unload", told)
    assert re.search(r"Rows per day .* \d{4}-\d\d-\d\d 1 2 0", told)


def test_a_viewer_sees_types_and_counts_but_no_cell(shared, known):
    viewer = shared.browser(Role.VIEWER)

    answers = [viewer.get(TABLE), viewer.get(f"{TABLE}&file={known['good.csv']}")]

    for told in map(text_of, answers):
        assert "name VARCHAR 0 2" in told
        assert not re.search("Ada|Bob|Smallest|Unload", told)


def test_hostile_cells_and_names_are_shown_inert_and_cut(ran):
    cells = ("<script>alert(1)</script>", '=cmd|"/C calc"!A0', f"abc{BIDI}fed", "x" * 1_000_000)
    quoted = [('"' + each.replace('"', '""') + '"') for each in cells]
    ran.put("in/hostile.csv", b"id,name\n" + "".join(f"{n},{c}\n" for n, c in enumerate(quoted)).encode())
    ran.run()

    with opened(ran.home) as page:
        answer = page.browser(Role.OPERATOR).get(TABLE)

    told = text_of(answer)
    assert "<script>alert" not in answer.text
    assert "<script>alert(1)</script>" in told
    assert '=cmd|"/C calc"!A0' in told
    assert (BIDI in answer.text, "abcU+202Efed" in told.replace(" U+202E ", "U+202E")) == (False, True)
    assert ("x" * 200 in told, "x" * 202 in told, "cut" in told) == (True, False, True)


def test_tables_that_no_workflow_loads_are_only_named_and_only_to_editors(page):
    with duckdb.connect(str(warehouse(page))) as connection:
        connection.execute("CREATE TABLE \"sal<b>aries\" AS SELECT 'secret' AS pay")

    seen = {role: page.browser(role).get(TABLES) for role in (Role.OPERATOR, Role.EDITOR)}
    refused = page.browser(Role.EDITOR).get("/destinations/warehouse/table?table=sal<b>aries")

    assert {role: "sal<b>aries" in text_of(each) for role, each in seen.items()} == {
        Role.OPERATOR: False,
        Role.EDITOR: True,
    }
    assert "sal<b>" not in seen[Role.EDITOR].text
    assert (refused.status_code, "secret" in refused.text) == (404, False)


def test_a_database_that_a_load_uses_says_so_and_the_rest_of_the_page_stays(page, ids):
    with exclusive(warehouse(page)):
        answers = [page.browser(Role.OPERATOR).get(each) for each in (TABLES, TABLE)]

    assert [each.status_code for each in answers] == [200, 200]
    for answer in answers:
        assert "A load of this process is using the database file" in answer.text
    assert f'href="/files/{ids["good.csv"]}/unload"' in answers[1].text


@pytest.mark.parametrize("answers", [True, False], ids=["silent", "closed"])
def test_a_server_that_is_down_is_reported_and_the_rest_of_the_page_stays(page, ids, answers, monkeypatch):
    monkeypatch.setattr(tables, "ANSWER", 1.2 if answers else 60.0)
    with socket.create_server(("127.0.0.1", 0)) as silent:  # it accepts connections and says nothing
        port = silent.getsockname()[1]
        if not answers:
            silent.close()
        _move_to_postgresql(page, f"postgresql://hr:topsecret@127.0.0.1:{port}/hr")
        browser = page.browser(Role.OPERATOR)

        shown = [browser.get(each) for each in (TABLES, TABLE)]

    assert [each.status_code for each in shown] == [200, 200]
    for answer in shown:
        assert re.search("did not answer within 1 second" if answers else "[Cc]onnect", text_of(answer))
        assert "topsecret" not in answer.text
    assert "in/good.csv" in shown[1].text


def _move_to_postgresql(page, url):
    """The destination is from now on a database at this URL."""
    moved = Destination(
        name="elsewhere", settings=PostgresqlDestination(url=VaultSecret(secret="elsewhere-url"))
    )
    made = destinations.add(page.app, moved, secrets={"elsewhere-url": url})
    known = page.app.ledger.catalog.destination("warehouse")
    page.app.ledger.catalog.save(destinations=(replace(known, settings=made.settings),), now=page.app.now())


def test_what_does_not_exist_is_not_found(page, ids):
    browser = page.browser(Role.OPERATOR)

    answers = [
        browser.get("/destinations/nothing/tables"),
        browser.get("/destinations/warehouse/table?table=nothing"),
        browser.get(f"{TABLE}&file={ids['torn.csv']}"),
        browser.get("/destinations/warehouse/table"),
    ]

    assert [each.status_code for each in answers] == [404, 404, 404, 303]


def test_a_table_that_was_dropped_keeps_its_loads_by_file(page):
    with duckdb.connect(str(warehouse(page))) as connection:
        connection.execute("DROP TABLE people")
    browser = page.browser(Role.OPERATOR)

    assert "people does not exist any more" in text_of(browser.get(TABLES))
    assert re.search(r"The table does not exist now.*in/good\.csv", text_of(browser.get(TABLE)))


def test_a_directory_shows_its_mailing_lists(page):
    name = _fill_directory(page.app)

    told = text_of(page.browser(Role.OPERATOR).get(f"/destinations/{name}/tables"))

    assert "All staff 2 contacts" in told


def test_an_unloaded_file_is_no_longer_listed(ran):
    ran.put("in/more.csv", table_of(A))
    ran.run()
    with opened(ran.home) as page:
        before = tables.table_loads(page.app, "warehouse", "people").files
        page.browser(Role.OPERATOR).post(f"/files/{files_of(page)['more.csv']}/unload")
        after = tables.table_loads(page.app, "warehouse", "people").files

    assert [each.claim.source.key for each in before] == ["in/more.csv", "in/good.csv"]
    assert [each.claim.source.key for each in after] == ["in/good.csv"]
