"""Workflows and tasks with new names: what was loaded stays loaded, and the history moves along."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bucketlift.ledger import tables
from e2e.world import World, extract, load, table_of
from integration.doctor.conftest import command

pytestmark = pytest.mark.slow

ANN, BOB = table_of(("1", "Ann")), table_of(("2", "Bob"))
BOTH = [("1", "Ann"), ("2", "Bob")]
KEEPS = (extract("keep", repeats="load"), load())


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    made.put("in/a.csv", ANN)
    made.apply(*KEEPS)
    made.run()
    yield made
    made.server.stop()


def flow(*tasks: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"tasks": list(tasks or KEEPS), **more}


def named(task: dict[str, Any], key: str, renamed_from: str | None = None, **more: Any) -> dict[str, Any]:
    """A task under another id."""
    (kind,) = {"extract", "load"} & set(task)
    former = {} if renamed_from is None else {"renamed_from": renamed_from}
    return {"id": key, **former, kind: {**task[kind], **more}}


def applied(world: World, workflows: dict[str, Any], *options: str, **more: Any):
    path = world.file(workflows=workflows, **more)
    return command(world, "apply", str(path), *options, "--json")


def changes(answer) -> list[tuple[str, ...]]:
    return [
        (each["name"], each["change"], each.get("renamed_from", ""))
        for each in answer.json["changes"]
        if each["kind"] == "workflow"
    ]


def test_without_a_terminal_a_new_key_is_refused_and_yes_does_not_answer(world):
    told = [applied(world, {"x": flow()}, *options) for options in ((), ("--yes",), ("--prune", "--yes"))]

    error = told[0].json["error"]
    with world.app() as app:
        known = list(app.ledger.catalog.workflows())
    assert [(answer.code, answer.json["error"]) for answer in told] == [(2, error)] * 3
    assert error["what"] == (
        "workflow `x` is new and selects the same files as `w`, which is no longer in the file"
    )
    assert "`renamed_from: w`" in error["hint"]
    assert "`renamed_from: none`" in error["hint"]
    assert known == ["w"]


def test_a_plan_asks_and_ends_well(world):
    path = str(world.file(workflows={"x": flow()}))

    answer, shown = command(world, "plan", path, "--json"), command(world, "plan", path)

    (question,) = answer.json["questions"]
    assert (answer.code, shown.code) == (0, 0)
    assert (question["workflow"], question["task"], question["like"]) == ("x", None, ["w"])
    assert "question: workflow `x` is new and selects the same files as `w`" in shown.out


def test_a_renamed_workflow_loads_only_what_is_new(world):
    world.put("in/b.csv", BOB)

    answer = applied(world, {"x": flow(renamed_from="w")})
    ran = world.run("x")

    files = world.files("x")
    assert (answer.code, changes(answer)) == (0, [("x", "rename", "w")])
    assert ran["tasks"][0]["files"] | {"loaded": 1, "known": 1} == ran["tasks"][0]["files"]
    assert world.rows() == BOTH
    assert [(each["key"], each["state"]) for each in files] == [("in/a.csv", "done"), ("in/b.csv", "done")]


def test_the_same_file_again_is_quiet_and_so_is_one_without_the_former_name(world):
    applied(world, {"x": flow(renamed_from="w")})

    again = applied(world, {"x": flow(renamed_from="w")})
    plain = applied(world, {"x": flow()})
    exported = command(world, "export").out

    assert (again.code, changes(again)) == (0, [("x", "unchanged", "")])
    assert (plain.code, changes(plain)) == (0, [("x", "unchanged", "")])
    assert "renamed_from" not in exported


def test_everything_in_the_ledger_bears_the_new_name(world):
    applied(world, {"x": flow(renamed_from="w")})

    with world.app() as app, app.ledger.database.reading() as connection:
        left = {
            f"{table.name}.{column.name}"
            for table in tables.metadata.sorted_tables
            for column in table.columns
            if isinstance(column.type, sa.Text)
            and connection.scalar(sa.select(sa.func.count()).where(column == "w")) > 0
        }
        versions = connection.scalars(sa.select(tables.workflow_versions.c.definition)).all()
        slug = connection.scalar(sa.select(tables.workflows.c.slug))
    listed = command(world, "runs", "list", "--json").json["runs"]
    verified = command(world, "verify", "x", "--json")
    assert left == set()
    assert {each["key"] for each in versions} == {"x"}
    assert slug == "2:w"
    assert {each["workflow"] for each in listed} == {"x"}
    assert verified.code == 0


def test_new_is_what_the_file_says_is_new(world):
    answer = applied(world, {"x": flow(renamed_from="none")}, "--prune", "--yes")
    again = applied(world, {"x": flow(renamed_from="none")})
    ran = world.run("x")

    assert (answer.code, changes(answer)) == (0, [("x", "create", ""), ("w", "remove", "")])
    assert (again.code, changes(again)) == (0, [("x", "unchanged", "")])
    assert ran["tasks"][0]["files"]["loaded"] == 1
    assert world.rows() == [("1", "Ann"), ("1", "Ann")]


def test_a_new_workflow_of_the_former_name_loads_for_itself(world):
    applied(world, {"x": flow(renamed_from="w")})

    answer = applied(world, {"x": flow(renamed_from=None), "w": flow()})
    ran = world.run("w")

    assert (answer.code, ran["tasks"][0]["files"]["loaded"]) == (0, 1)
    assert world.rows() == [("1", "Ann"), ("1", "Ann")]


def test_a_workflow_can_be_renamed_twice_and_back(world):
    for former, key in (("w", "x"), ("x", "y"), ("y", "w")):
        assert applied(world, {key: flow(renamed_from=former)}).code == 0

    ran = world.run("w")

    assert (ran["tasks"][0]["files"]["known"], world.rows()) == (1, [("1", "Ann")])


def test_a_workflow_that_deletes_its_files_is_renamed_with_what_it_still_has_to_delete(world):
    world.apply(extract({"action": "delete", "delay": "1d"}, repeats="load"), load())
    world.put("in/b.csv", BOB)
    world.run()
    deleting = (extract("delete", repeats="load"), load())

    answer = applied(world, {"x": flow(*deleting, renamed_from="w")})
    with world.app() as app:
        waiting = app.ledger.outbox.count("x")

    assert (answer.code, changes(answer)) == (0, [("x", "rename", "w")])
    assert waiting == 1


def test_a_workflow_is_not_renamed_while_a_run_of_it_is_under_way(world):
    with world.app() as app:
        run = app.ledger.runs.ask("w", 1, trigger="demand", now=app.now())
        lease = app.ledger.runs.take_lease("w", "someone", lambda _: False)
        app.ledger.runs.begin(run.id, lease, worker="someone", now=app.now())

    refused = applied(world, {"x": flow(renamed_from="w")})
    world.run("w")
    later = applied(world, {"x": flow(renamed_from="w")})

    assert (refused.code, later.code) == (2, 0)
    assert refused.json["error"]["what"] == (
        f"The workflow cannot be renamed while its run {run.id} is in progress"
    )


def test_workflows_that_start_after_a_renamed_one_still_do(world):
    after = {"triggers": [{"after": {"workflow": "w"}}]}
    other = flow(extract("keep", prefix="other/"), load("others"), **after)
    path = world.file(
        workflows={"o": other}, project="other", name="other.yaml", accounts={}, destinations={}
    )
    assert command(world, "apply", str(path)).code == 0

    answer = applied(world, {"x": flow(renamed_from="w")})

    with world.app() as app, app.ledger.database.reading() as connection:
        (trigger,) = app.ledger.catalog.workflow("o").workflow.triggers
        marks = connection.execute(sa.select(tables.schedules.c.workflow, tables.schedules.c.schedule)).all()
    assert trigger.after.workflow == "x"
    assert [mark.workflow for mark in marks] == ["o"]
    assert answer.json["notes"] == [
        "workflow `o` starts after `w`, and from now on after `x`; change the file of project other too"
    ]


@pytest.mark.parametrize(
    ("tasks", "asked"),
    [
        (
            (KEEPS[0], named(KEEPS[1], "staff")),
            "task `staff` of `w` is new and fills the same table as `people`",
        ),
        (
            (named(KEEPS[0], "objects"), named(KEEPS[1], "people", **{"from": "objects"})),
            "task `objects` of `w` is new and selects the same files as `files`",
        ),
    ],
)
def test_a_new_id_of_a_task_is_refused_too(world, tasks, asked):
    answer = applied(world, {"w": flow(*tasks)}, "--yes")

    assert (answer.code, asked in answer.json["error"]["what"]) == (2, True)


def test_renamed_tasks_know_their_files_receipts_and_decisions(world):
    world.put("in/b.csv", table_of(("2", "Bob"), header="id,other"))
    world.run()
    world.put("in/c.csv", BOB)
    new = (
        named(KEEPS[0], "objects", "files"),
        named(KEEPS[1], "staff", "people", **{"from": "objects"}),
    )

    answer = applied(world, {"w": flow(*new)})
    again = applied(world, {"w": flow(*new)})
    plain = applied(
        world, {"w": flow(named(KEEPS[0], "objects"), named(KEEPS[1], "staff", **{"from": "objects"}))}
    )
    ran = world.run()
    verified = command(world, "verify", "w", "--json")

    counts = ran["tasks"][0]["files"]
    assert (answer.code, changes(answer)) == (0, [("w", "update", "")])
    assert [changes(each) for each in (again, plain)] == [[("w", "unchanged", "")]] * 2
    assert (counts["known"], counts["loaded"], counts["held"]) == (2, 1, 0)
    assert (world.rows(), verified.code) == (BOTH, 0)


def test_a_renamed_task_asks_once_for_the_restore_of_an_archived_file(world):
    restore = {"days": 7, "tier": "Bulk"}
    tasks = (
        named(KEEPS[0], "objects", "files", restore=restore),
        named(KEEPS[1], "people", **{"from": "objects"}),
    )
    applied(world, {"w": flow(*tasks)})
    world.server.put("drop", "in/b.csv", BOB, headers={"x-amz-storage-class": "GLACIER"})

    first = world.run()
    world.run()

    (archived,) = (each for each in first["files"] if each["state"] == "archived-tier")
    assert archived["what"] == "A restore was requested (Bulk, readable for 7 days)"
    assert world.server.log.operations().count("RestoreObject") == 1


def test_a_load_whose_answer_was_lost_is_found_under_the_tasks_new_id(world):
    world.put("in/b.csv", BOB)
    world.run()
    with (
        world.app() as app,
        app.ledger.database.writing() as connection,
    ):  # as if the process had died after its commit
        claim = (
            sa.select(tables.claims.c.id)
            .join(tables.source_objects)
            .where(tables.source_objects.c.key == "in/b.csv")
        )
        claim = connection.scalar(claim)
        connection.execute(sa.delete(tables.outbox).where(tables.outbox.c.claim == claim))
        connection.execute(sa.delete(tables.receipts).where(tables.receipts.c.claim == claim))
        connection.execute(
            sa.update(tables.claims)
            .where(tables.claims.c.id == claim)
            .values(state="staged", load_begun=True)
        )

    applied(world, {"w": flow(KEEPS[0], named(KEEPS[1], "staff", "people"))})
    ran = world.run()

    assert ran["tasks"][0]["files"]["loaded"] == 1
    assert world.rows() == BOTH


def test_a_new_task_under_a_former_id_has_loads_of_its_own(world):
    applied(world, {"w": flow(KEEPS[0], named(KEEPS[1], "staff", "people"))})
    others = named(KEEPS[1], "people", table="log")
    world.put("in/b.csv", BOB)

    answer = applied(world, {"w": flow(KEEPS[0], named(KEEPS[1], "staff"), others)})
    with world.app() as app:  # two loads into one table can no longer be applied, but run if they were
        known = app.ledger.catalog.workflow("w").workflow
        doubled = replace(known.loads[1], target=replace(known.loads[1].target, table="people"))
        app.ledger.catalog.save(
            workflows=(replace(known, tasks=(*known.tasks[:-1], doubled)),), now=app.now()
        )
    ran = world.run()

    assert (answer.code, ran["exit"]) == (0, 0)
    assert world.rows() == [("1", "Ann"), ("2", "Bob"), ("2", "Bob")]


def test_an_id_that_another_task_had_before_is_refused(world):
    applied(world, {"w": flow(*KEEPS, load("staff"))})
    applied(world, {"w": flow()})

    answer = applied(world, {"w": flow(KEEPS[0], named(KEEPS[1], "staff", "people"))})

    assert answer.code == 2
    assert answer.json["error"]["what"] == (
        "An earlier version of the workflow had another task `staff`, whose history is kept"
    )


class Terminal(io.StringIO):
    """What a person types at a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("typed", "rows"), [("w\n", 1), ("none\n", 2), ("what?\nw\n", 1)])
def test_a_person_at_a_terminal_is_asked(world, typed, rows):
    path = str(world.file(workflows={"x": flow()}))

    answer = world.command("apply", path, stdin=Terminal(typed))
    world.run("x")

    assert (answer.code, len(world.rows())) == (0, rows)
    assert "workflow `x` is new and selects the same files as `w`" in answer.err
