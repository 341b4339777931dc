"""New names of workflows and tasks, on both kinds of ledger."""

from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from bucketlift.errors import LeaseLost, RequestWrong
from bucketlift.ledger import tables
from bucketlift.ledger.workflows.renaming import Renamed
from bucketlift.model.workflow import ConditionTask
from builders import NOON, a_pinned, a_source

from .conftest import Ledger


def renamed(ledger: Ledger, key: str, **tasks: str):
    """Give the ledger's workflow another key, and its tasks other ids; what it says then."""
    before = ledger.catalog.workflow(ledger.lease.workflow).workflow
    ids = {old: new for new, old in tasks.items()}
    changed = tuple(
        replace(task, id=ids.get(task.id, task.id))
        if task.kind != "load"
        else replace(task, id=ids.get(task.id, task.id), source=ids.get(task.source, task.source))
        for task in before.tasks
        if not isinstance(task, ConditionTask)
    )
    flows = {} if key == before.key else {key: before.key}
    ledger.catalog.save(
        workflows=(replace(before, key=key, tasks=changed),),
        renamed=Renamed(workflows=flows, tasks={key: tasks}),
        now=NOON,
    )
    return ledger.catalog.workflow(key)


def test_a_renamed_workflow_keeps_its_slug_and_its_runs(ledger):
    before = ledger.catalog.workflow(ledger.lease.workflow)

    after = renamed(ledger, "renamed")

    assert (after.slug, after.switched_on_at) == (before.slug, before.switched_on_at)
    assert list(ledger.catalog.workflows()) == ["renamed"]
    assert [run.workflow for run in ledger.runs.find()] == ["renamed"]


def test_whoever_holds_the_lease_under_the_former_name_is_refused_and_the_next_one_is_not(ledger):
    renamed(ledger, "renamed")

    assert not ledger.runs.holds(ledger.lease)
    with pytest.raises(LeaseLost), ledger.database.writing(ledger.lease):
        pass
    assert ledger.runs.take_lease("renamed", "next", lambda _: True) is not None


def test_renamed_tasks_keep_their_first_ids_over_several_renames(ledger):
    extract, *_ = (task.id for task in ledger.catalog.workflow(ledger.lease.workflow).workflow.tasks)

    renamed(ledger, ledger.lease.workflow, second=extract)
    after = renamed(ledger, ledger.lease.workflow, third="second")

    assert after.task_slug("third") == extract
    assert after.task_slugs == {"third": extract}


def test_the_load_tasks_that_were_chosen_for_files_are_renamed(ledger):
    members = [
        (a_pinned(a_source(f"in/{name}.csv"), claim=f"claim-{name}"), position, 0)
        for position, name in enumerate("ab")
    ]
    ledger.manifests.pin(ledger.run, ledger.lease, "files", members, now=NOON)
    load = ledger.catalog.workflow(ledger.lease.workflow).workflow.loads[0].id
    with ledger.database.writing() as connection:
        connection.execute(sa.update(tables.claims).values(choice=[load, "other"]))

    renamed(ledger, ledger.lease.workflow, another=load)

    with ledger.database.reading() as connection:
        assert connection.scalars(sa.select(tables.claims.c.choice)).all() == [["another", "other"]] * 2


def test_a_name_that_is_taken_is_refused_and_nothing_is_changed(ledger):
    before = ledger.catalog.workflow(ledger.lease.workflow)
    ledger.catalog.save(workflows=(replace(before.workflow, key="taken"),), now=NOON)

    with pytest.raises(RequestWrong, match="There is already a workflow with this name"):
        renamed(ledger, "taken")

    assert ledger.catalog.workflow(ledger.lease.workflow) == before
