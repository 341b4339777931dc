"""A home that the version before left: this version answers the same about it, and goes on with it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bucketlift.definition.yaml.read import read_yaml
from bucketlift.yaml_text import emit
from e2e.world import World, table_of
from fixtures.kept_home import FOLDER, PASSWORD, answer, answers, rebuild
from integration.web.signing_in.forms import signed_in
from visitors import opened

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """The kept home, in a world of its own."""
    world = World.at(tmp_path)
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    rebuild(world)
    yield world
    world.server.stop()


def office(world: World, table: str, columns: str) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(world.root / "office.sqlite")) as connection:
        return sorted(connection.execute(f"SELECT {columns} FROM {table}"))  # noqa: S608 - names of this test


def warehouse(world: World, table: str, columns: str) -> list[tuple[str, ...]]:
    return [tuple(str(value) for value in row) for row in world.rows(table, columns)]


def let_delays_pass(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE outbox SET due_at = '2026-01-01 00:00:00.000000'")


def run_on(world: World) -> dict[str, int]:
    """Run every workflow, and give their exit codes."""
    workflows = ("people", "orders", "rates", "leavers")
    return {each: answer(world, f"run {each} --json").code for each in workflows}


def found(world: World) -> dict[str, Any]:
    """All that the runs left behind in the destinations and the buckets."""
    return {
        "people_history": warehouse(world, "people_history", "id, name, hired, pay"),
        "latest_orders": warehouse(world, "latest_orders", "number, total, total_again"),
        "rates in the warehouse": warehouse(world, "rates", "currency, rate"),
        "people": office(world, "people", "id, name"),
        "orders": office(world, "orders", "number, total"),
        "rates in the office": office(world, "rates", "currency, rate"),
        "leavers": office(world, "leavers", "id, name"),
        "drop": world.keys("drop"),
        "archive": world.keys("archive"),
    }


RATES = [("EUR", "0.91"), ("USD", "1.00")]
EVERYTHING_ONCE: dict[str, list[Any]] = {
    "people_history": [
        ("1", "Ann", "2020-01-31", "1.50"),
        ("10", "Jo", "2024-03-01", "10.00"),
        ("12", "Lou", "2024-03-02", "12.00"),
        ("13", "Max", "2024-03-03", "13.00"),
        ("2", "Ben", "2021-02-28", "2.75"),
        ("2", "Ben Ünal", "2021-02-28", "3.00"),
        ("4", "Dee", "2022-12-01", "4.00"),
        ("9", "Ida", "2024-02-29", "9.99"),
    ],
    "latest_orders": [("A1", "10", "10"), ("A2", "25", "25"), ("A3", "30", "30"), ("A4", "40", "40")],
    "rates in the warehouse": RATES,
    "people": [
        ("1", "Ann"),
        ("10", "Jo"),
        ("12", "Lou"),
        ("13", "Max"),
        ("2", "Ben Ünal"),
        ("4", "Dee"),
        ("9", "Ida"),
    ],
    "orders": [("A1", "10"), ("A2", "20"), ("A2", "25"), ("A3", "30"), ("A4", "40")],
    "rates in the office": RATES,
    "leavers": [("90", "Zoe"), ("91", "Yan")],
    "drop": ["leavers/2.csv", "people/3.csv", "people/4.csv", "rates/1.tsv"],
    "archive": ["old/orders/1.csv", "old/orders/2.csv", "old/orders/3.csv"],
}
"""Held and ignored files stay; of the leavers, a person holds the second."""


ADDED = {
    *("footer_given", "promise", "deliveries", "accept_at_least_once", "selection.kind"),
    *("outcome", "tags"),
}
"""Keys of answers that the version before did not have, some with the key above them."""


def known(answered: Any, above: str = "") -> Any:
    """The answer without keys that were added since."""
    if isinstance(answered, dict):
        kept = {key for key in answered if not ADDED.intersection({key, f"{above}.{key}"})}
        return {key: known(value, key) for key, value in answered.items() if key in kept}
    return [known(each) for each in answered] if isinstance(answered, list) else answered


def laid_out(answered: dict[str, Any]) -> dict[str, Any]:
    """The answers with the exported file emitted again: where its lines break depends on the home's folder."""
    export = answered["export"]["answer"]
    file = emit(read_yaml(export["file"].encode(), "exported").value)
    return {**answered, "export": {**answered["export"], "answer": {**export, "file": file}}}


def test_commands_answer_about_it_as_the_version_before_did(home):
    expected = json.loads((FOLDER / "answers.json").read_text())

    assert laid_out(known(answers(home))) == laid_out(expected)


def test_its_workflow_file_changes_nothing_and_is_exported_as_a_file_that_changes_nothing(home):
    exported = answer(home, "export")
    (home.root / "exported.yaml").write_text(exported.out)

    plans = [
        {each["change"] for each in answer(home, f"plan {name} --json").json["changes"]}
        for name in ("project.yaml", "exported.yaml")
    ]

    assert plans == [{"unchanged"}, {"unchanged"}]


def test_its_runs_go_on_and_the_killed_ones_are_recovered(home):
    let_delays_pass(home.home / "ledger.sqlite")

    codes = run_on(home)

    assert codes == {"people": 0, "orders": 0, "rates": 0, "leavers": 0}
    assert found(home) == EVERYTHING_ONCE
    assert {each["state"] for each in answer(home, "runs list --json").json["runs"]} == {"succeeded"}
    assert [answer(home, f"verify {each} --json").code for each in codes] == [0, 0, 0, 0]


def test_new_files_are_loaded_beside_the_known_ones(home):
    home.put("rates/2.tsv", b"CHF\t1.13\n")
    home.put("orders/4.csv", table_of(("A1", "11"), header="number,total"))

    codes = [answer(home, f"run {each} --json").code for each in ("rates", "orders")]

    assert codes == [0, 0]
    assert warehouse(home, "rates", "currency, rate") == [("CHF", "1.13"), *RATES]
    assert office(home, "rates", "currency, rate") == [("CHF", "1.13"), *RATES]
    assert office(home, "orders", "number, total") == sorted([*EVERYTHING_ONCE["orders"], ("A1", "11")])
    assert warehouse(home, "latest_orders", "number, total")[0] == ("A1", "11")


def test_a_backup_of_the_version_before_is_restored_and_nothing_is_loaded_twice(home):
    let_delays_pass(home.root / "backup.sqlite")

    restored = answer(home, "db restore backup.sqlite --yes --json")
    while_paused = run_on(home), home.keys()
    confirmed = answer(home, "db confirm --json").code
    after = run_on(home)

    assert (restored.code, restored.json["paused"], restored.json["key_fits"]) == (0, True, True)
    assert while_paused == (
        {"people": 3, "orders": 3, "rates": 0, "leavers": 3},
        sorted([*EVERYTHING_ONCE["drop"], "leavers/1.csv", "orders/2.csv", "orders/3.csv", "people/8.csv"]),
    )
    assert (confirmed, after) == (0, dict.fromkeys(after, 0))
    assert found(home) == {
        **EVERYTHING_ONCE,
        "drop": sorted([*EVERYTHING_ONCE["drop"], "orders/2.csv", "orders/3.csv"]),
    }
    assert [each for each in home.states() if each[0] in ("orders/2.csv", "orders/3.csv")] == [
        ("orders/2.csv", 1, "held", "unknown-receipt"),
        ("orders/3.csv", 1, "held", "unknown-receipt"),
    ]


def test_a_pause_of_the_version_before_is_shown_and_ends_by_itself_as_no_load_was_lost(home):
    let_delays_pass(home.home / "ledger.sqlite")
    pause = json.loads((FOLDER / "pause.json").read_text())
    with closing(sqlite3.connect(home.home / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("UPDATE installation SET paused = ?", [json.dumps(pause)])

    before = answer(home, "db status --json").json["paused"]
    answer(home, "run leavers")
    after = answer(home, "db status --json").json["paused"]

    assert (before["what"], before["hint"], after) == (pause["what"], pause["hint"], None)
    assert home.keys()[:1] == ["leavers/2.csv"]


PAGES = (
    "/",
    "/workflows",
    "/workflows/people",
    "/runs",
    "/attention",
    "/accounts",
    "/destinations",
    "/me",
)


def test_its_people_sign_in_and_every_main_page_opens(home):
    with opened(home.home) as page:
        browser = page.stranger()
        signed = signed_in(browser, "ada", PASSWORD).status_code
        opened_pages = {path: browser.get(path, follow_redirects=True).status_code for path in PAGES}
        refused = signed_in(page.stranger(), "cid", PASSWORD).status_code

    assert (signed, refused) == (303, 422)
    assert opened_pages == dict.fromkeys(PAGES, 200)
