"""A role that lacks a right: nothing is lost, the answer names the right, and once granted the next run ends it."""

from __future__ import annotations

import json

import pytest

from bucketlift.model.source import Precondition, Selection
from bucketlift.model.workflow import Move
from bucketlift.rules.iam import permission_policy
from e2e.checker import check
from e2e.world import World, brief, counts, extract, load, sorted_rows, table_of

ANN = table_of(("1", "Ann"))
MOVE = {"action": "move", "bucket": "archive", "prefix": "old/"}
LEAST = json.loads(
    permission_policy(Selection(bucket="drop", prefix="in/"), Move(bucket="archive", prefix="old/"), "aws")
)["Statement"]
LISTING, SOURCE, _, WRITING, _ = range(len(LEAST))

pytestmark = pytest.mark.slow


def actions(statement):
    allowed = statement["Action"]
    return [allowed] if isinstance(allowed, str) else allowed


def least_without(place, action):
    statements = []
    for number, statement in enumerate(LEAST):
        left = [each for each in actions(statement) if (number, each) != (place, action)]
        statements += [{**statement, "Action": left}] if left else []
    return statements


@pytest.mark.parametrize(
    ("place", "action", "said"),
    [
        (LISTING, "s3:ListBucket", "ListObjectsV2 was refused (AccessDenied)"),
        (SOURCE, "s3:GetObject", "GetObject was refused (AccessDenied)"),
    ],
)
def test_without_a_right_to_read_the_run_fails_and_the_next_one_loads(world, place, action, said):
    world.apply(extract(MOVE), load(), granted=least_without(place, action))
    world.put("in/a.csv", ANN)
    first = world.run()
    left = (world.keys(), world.rows())
    world.grant(LEAST)

    second = world.run()

    assert (first["exit"], first["error"]["what"]) == (1, said)
    assert action in first["error"]["hint"]
    assert left == (["in/a.csv"], [])
    assert (second["exit"], counts(second)) == (0, {"found": 1, "loaded": 1})
    assert (world.rows(), world.keys(), world.keys("archive")) == (sorted_rows(ANN), [], ["old/in/a.csv"])
    check(world, append=("people",))


@pytest.mark.parametrize(
    ("place", "action", "said"),
    [
        (WRITING, "s3:PutObject", "CopyObject was refused (AccessDenied)"),
        (WRITING, "s3:GetObject", "GetObject was refused (AccessDenied): s3://archive/old/in/a.csv"),
        (SOURCE, "s3:DeleteObject", "DeleteObject was refused (AccessDenied)"),
    ],
)
def test_without_a_right_to_act_the_loaded_file_waits_and_is_never_loaded_again(world, place, action, said):
    world.apply(extract(MOVE), load(), granted=least_without(place, action))
    world.put("in/a.csv", ANN)
    first, second = world.run(), world.run()
    left = world.keys()
    world.grant(LEAST)
    world.decide("retry", "in/a.csv")

    third = world.run()

    assert (first["exit"], brief(first)) == (3, [("in/a.csv", "action-held", 1, "no-right")])
    assert first["files"][0]["what"].startswith(said)
    assert action in first["files"][0]["hint"]
    assert (second["exit"], second["attention"], left) == (0, 1, ["in/a.csv"])
    assert (third["exit"], third["attention"]) == (0, 0)
    assert (world.rows(), world.keys(), world.keys("archive")) == (sorted_rows(ANN), [], ["old/in/a.csv"])
    check(world, append=("people",))


def test_the_least_rights_that_the_product_prints_are_enough_for_tagged_objects_too(world):
    world.apply(extract(MOVE), load(), granted=LEAST)
    world.server.put("drop", "in/a.csv", ANN, headers={"x-amz-tagging": "team=hr"})

    ran = world.run()

    assert (ran["exit"], world.keys(), world.server.objects("archive")) == (0, [], {"old/in/a.csv": ANN})


@pytest.mark.parametrize(
    ("weak", "action"),
    [(Precondition.DELETE, "delete"), (Precondition.COPY_SOURCE, MOVE), (Precondition.COPY_CREATE, MOVE)],
)
def test_a_store_that_ignores_a_precondition_is_loaded_from_and_not_acted_on(
    tmp_path, monkeypatch, weak, action
):
    world = World.at(tmp_path, weak={weak})
    for name, value in world.environment.items():
        monkeypatch.setenv(name, value)
    world.apply(extract(action), load())
    world.put("in/a.csv", ANN)

    first, second = world.run(), world.run()
    left = world.server.objects("drop")
    world.server.stop()

    assert (first["exit"], brief(first)) == (3, [("in/a.csv", "action-held", 1, "weak-store")])
    assert (second["exit"], counts(second)) == (0, {"known": 1})
    assert (left, world.rows()) == ({"in/a.csv": ANN}, sorted_rows(ANN))


def test_a_receipt_that_is_gone_holds_the_action(world):
    world.apply(extract("delete"), load(), granted=least_without(SOURCE, "s3:DeleteObject"))
    world.put("in/a.csv", ANN)
    world.run()
    world.warehouse.unlink()
    world.grant(LEAST)
    world.decide("retry", "in/a.csv")

    ran = world.run()

    assert (ran["exit"], brief(ran)) == (3, [("in/a.csv", "action-held", 1, "receipt-missing")])
    assert world.keys() == ["in/a.csv"]
