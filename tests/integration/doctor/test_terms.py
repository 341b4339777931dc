"""Buckets with terms of their own: archive tiers, requester pays, sessions with little room for a policy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from bucketlift.model.source import Restore, RestoreTier, Selection
from bucketlift.model.workflow import Delete, Move
from bucketlift.rules.iam import permission_policy
from bucketlift.service.accounts import doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.testing.faults import Refuses
from e2e.world import EVERYTHING, World, extract, load, table_of
from integration.doctor.conftest import Makes, examine, short

pytestmark = pytest.mark.slow

KEY, BODY = "in/a.csv", table_of(("1", "Ann"))
MOVE = {"action": "move", "bucket": "archive", "prefix": "old/"}
RESTORE = {"days": 7, "tier": "Bulk"}


def frozen(make: Makes, after_import: Any = "delete", **more: Any) -> World:
    granted = more.pop("granted", EVERYTHING)
    world = make(empty=True)
    world.apply(extract(after_import, **more), load(), granted=granted)
    world.server.put("drop", KEY, BODY, headers={"x-amz-storage-class": "GLACIER"})
    return world


def restores(world: World) -> int:
    return world.server.log.operations().count("RestoreObject")


def test_a_restored_file_is_found_by_the_next_run_and_copied_to_where_it_can_be_read(make: Makes) -> None:
    world = frozen(make, MOVE)
    first = world.run()
    world.server.restore("drop", KEY)

    second = world.run()

    assert ([each["state"] for each in first["files"]], restores(world)) == (["archived-tier"], 0)
    assert (second["exit"], second["attention"], world.rows()) == (0, 0, [("1", "Ann")])
    assert (world.keys(), world.keys("archive")) == ([], [f"old/{KEY}"])
    stored = world.server._backing.stored("archive", f"old/{KEY}")
    assert stored is not None
    assert stored.storage_class == "STANDARD"


def test_a_copy_is_made_in_the_chosen_class(make: Makes) -> None:
    world = make(empty=True)
    world.apply(extract({**MOVE, "storage_class": "STANDARD_IA"}), load(), granted=EVERYTHING)
    world.put(KEY, BODY)

    world.run()

    stored = world.server._backing.stored("archive", f"old/{KEY}")
    assert stored is not None
    assert stored.storage_class == "STANDARD_IA"


@pytest.mark.parametrize("allowed", [True, False])
def test_the_doctor_tries_a_restore_where_the_task_asks_for_it_and_restores_nothing(
    make: Makes, *, allowed: bool
) -> None:
    selection = Selection(bucket="drop", prefix="in/", restore=Restore(days=7, tier=RestoreTier.BULK))
    text = permission_policy(selection, Delete(), "aws")
    policy = json.loads(text if allowed else text.replace("s3:RestoreObject", "s3:GetObjectTagging"))
    world = frozen(make, restore=RESTORE, granted=policy["Statement"])

    with world.app() as app:
        report = doctor.examine(app, "acme", AccountUse(workflow="w"))

    (found,) = [each for each in report.findings if each.check == "restore"]
    assert (found.health.value, found.hint.partition(" The answer was")[0]) == (
        ("ok", "") if allowed else ("missing", "Grant s3:RestoreObject on drop/in/*.")
    )


def test_a_restore_is_asked_for_once_and_the_file_loaded_when_it_is_there(make: Makes) -> None:
    selection = Selection(bucket="drop", prefix="in/", restore=Restore(days=7, tier=RestoreTier.BULK))
    policy = json.loads(permission_policy(selection, Move(bucket="archive", prefix="old/"), "aws"))
    world = frozen(make, MOVE, restore=RESTORE, granted=policy["Statement"])
    refused = Refuses(status=409, code="RestoreAlreadyInProgress")
    world.server.faults.add("RestoreObject", refused)

    first, second = world.run(), world.run()
    (held,) = first["files"]
    asked = restores(world)
    world.server.restore("drop", KEY)
    third = world.run()

    assert (held["state"], held["what"]) == (
        "archived-tier",
        "A restore was requested (Bulk, readable for 7 days)",
    )
    assert ([first["attention"], second["attention"]], asked) == ([1, 1], 1)
    assert (third["exit"], third["attention"], world.rows()) == (0, 0, [("1", "Ann")])


def test_a_restore_that_is_not_allowed_says_which_right_is_missing(make: Makes) -> None:
    policy = json.loads(
        permission_policy(Selection(bucket="drop", prefix="in/"), Move(bucket="archive"), "aws")
    )
    world = frozen(make, MOVE, restore=RESTORE, granted=policy["Statement"])

    (held,) = world.run()["files"]

    assert (held["state"], world.rows()) == ("archived-tier", [])
    assert "s3:RestoreObject" in held["hint"]


@pytest.mark.parametrize("after_import", ["delete", MOVE])
def test_where_the_requester_pays_every_call_says_so(make: Makes, after_import: Any) -> None:
    world = make(empty=True)
    world.apply(extract(after_import, requester_pays=True), load(), granted=EVERYTHING)
    for number in range(15):
        world.put(f"in/{number:02}.csv", table_of((str(number), "Ann")))
    for bucket in ("drop", "archive"):
        world.server.let_requester_pay(bucket)

    ran = world.run()

    assert (ran["exit"], len(world.rows()), world.keys()) == (0, 15, [])


def test_a_session_policy_that_does_not_fit_is_made_shorter_and_at_last_told(make: Makes) -> None:
    world = make(empty=True)
    world.apply(extract("delete"), load(), granted=EVERYTHING)
    world.put(KEY, BODY)
    too_large = Refuses(status=400, code="PackedPolicyTooLarge")
    world.server.faults.add("AssumeRole", too_large, times=2)
    shorter = world.run()
    world.put("in/b.csv", BODY)
    world.server.faults.add("AssumeRole", too_large, times=9)

    none = world.run()
    report = examine(world)

    assert (shorter["exit"], world.rows()) == (0, [("1", "Ann")])
    assert none["exit"] == 1
    assert "disableSessionTags" in none["error"]["hint"]
    assert short(report)["role"] == "missing"
