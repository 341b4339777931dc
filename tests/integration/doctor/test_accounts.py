"""Accounts as commands: kinds, policies before there is a workflow, the doctor's table and its exit code."""

from __future__ import annotations

from typing import Any

import pytest

from e2e.world import EVERYTHING, World, extract, load
from integration.doctor.conftest import Makes, command

pytestmark = pytest.mark.slow

READING = [
    {
        "Effect": "Allow",
        "Action": "s3:ListBucket",
        "Resource": "arn:aws:s3:::drop",
        "Condition": {"StringLike": {"s3:prefix": "in/*"}},
    },
    {"Effect": "Allow", "Action": ["s3:GetObject", "s3:DeleteObject"], "Resource": "arn:aws:s3:::drop/in/*"},
]
DELETE = ("--bucket", "drop", "--prefix", "in/", "--after-import", "delete")


def test_the_doctor_s_table_fits_80_columns_and_its_answer_says_what_to_do(make: Makes) -> None:
    world = make([*READING, {"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": "*"}])

    table = command(world, "accounts", "doctor", "acme", *DELETE)
    told = command(world, "accounts", "doctor", "acme", *DELETE, "--json")

    assert (table.code, told.code) == (1, 1)
    assert max(len(line) for line in table.out.splitlines()) <= 80
    assert "MISSING  delete" in table.out
    (missing,) = [each for each in told.json["findings"] if each["health"] == "missing"]
    assert (missing["check"], told.json["sound"]) == ("delete", False)
    assert "s3:DeleteObject" in missing["hint"]
    assert told.json["summary"] == {"ok": 7, "missing": 1, "ignored": 0, "warning": 0, "unknown": 0}


@pytest.mark.parametrize(
    ("options", "what"),
    [
        ((), "A workflow or a bucket is missing"),
        (("--bucket", "drop", "--workflow", "w"), "A workflow already defines its bucket and action"),
        (("--bucket", "drop", "--after-import", "burn"), "Unknown action"),
        (("--bucket", "drop", "--after-import", "move"), "A move needs an archive"),
        (("--bucket", "drop", "--archive", "b"), "--archive needs --after-import move"),
        (
            ("--bucket", "drop", "--prefix", "in/e", "--after-import", "rename"),
            "The prefix does not end with a slash, so the policy of a rename needs the prefix of the new names",
        ),
        (("--workflow", "other"), "There is no workflow with this name"),
    ],
)
@pytest.mark.parametrize("asked", ["doctor", "policy"])
def test_what_cannot_be_looked_at_is_refused(
    refusing: World, asked: str, options: tuple[str, ...], what: str
) -> None:
    answered = command(refusing, "accounts", asked, "acme", *options, "--json")

    assert (answered.code, answered.json["error"]["what"]) == (2, what)


@pytest.fixture(scope="module")
def refusing(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One installation for all that is refused before anything is asked."""
    world = World.at(tmp_path_factory.mktemp("refusing"))
    command(world, "accounts", "add", "acme", "--kind", "aws-role", "--role-arn", world.account["role_arn"])
    yield world
    world.server.stop()


def test_a_policy_can_be_had_before_there_is_a_workflow(make: Makes) -> None:
    world = make()

    role = command(world, "accounts", "policy", "acme", *DELETE).json
    user = command(world, "accounts", "policy", "acme", *DELETE, "--for", "user", "--encrypted").json

    kms = user["permissions"][0]["Statement"][-1]
    assert (role["for"], user["for"], "trust" in user) == ("role", "user", False)
    assert role["permissions"] == [{"Version": "2012-10-17", "Statement": READING}]
    assert user["permissions"][0]["Statement"][:-1] == READING
    assert kms["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]


def test_a_workflow_s_policy_is_the_one_of_its_tasks(make: Makes) -> None:
    world = make()
    world.apply(extract("delete"), load(), granted=EVERYTHING)

    answered = command(world, "accounts", "policy", "acme", "--workflow", "w").json

    assert (answered["workflow"], answered["permissions"][0]["Statement"]) == ("w", READING)
    assert answered["trust"]["Statement"][0]["Action"] == "sts:AssumeRole"


@pytest.mark.parametrize(
    ("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov"), ("eu-west-1", "aws")]
)
def test_policies_are_of_the_account_s_partition(make: Makes, region: str, partition: str) -> None:
    world = make()
    keys = ("--access-key-env", "A", "--secret-key-env", "B")
    command(world, "accounts", "add", "old", "--kind", "aws-keys", "--region", region, *keys)

    answered = command(world, "accounts", "policy", "old", *DELETE).json

    assert answered["for"] == "user"
    assert answered["permissions"][0]["Statement"][0]["Resource"] == f"arn:{partition}:s3:::drop"


def test_keys_of_aws_are_taken_and_called_deprecated_wherever_they_are_shown(make: Makes) -> None:
    world = make()
    world.environment |= {"OLD_KEY": world.server.access_key, "OLD_SECRET": world.server.secret_key}
    old = {"kind": "aws-keys", "access_key": {"env": "OLD_KEY"}, "secret_key": {"env": "OLD_SECRET"}}
    path = world.file(accounts={"acme": {**old, "region": "us-east-1"}})

    planned = command(world, "plan", str(path), "--json").json
    command(world, "apply", str(path))
    listed = command(world, "accounts", "list").out
    looked = command(world, "accounts", "doctor", "acme", *DELETE, "--json")

    assert planned["notes"] == [
        "account `acme` has access keys of AWS, which are deprecated: make it an aws-role"
    ]
    assert "warning: acme: deprecated" in listed
    assert looked.code == 0
    assert (looked.json["findings"][0]["check"], looked.json["findings"][0]["health"]) == ("keys", "warning")


def test_bucketlift_s_own_identity_reads_only_where_the_operator_says_so(make: Makes) -> None:
    world = make()
    path = world.file(extract("keep"), load(), accounts={"acme": {"kind": "aws", "region": "us-east-1"}})
    refused = command(world, "apply", str(path), "--json")
    world.environment["BUCKETLIFT_ALLOW_AMBIENT_AWS"] = "true"

    applied = command(world, "apply", str(path))
    ran = command(world, "run", "w", "--json")
    del world.environment["BUCKETLIFT_ALLOW_AMBIENT_AWS"]
    later = command(world, "run", "w", "--json")

    assert (refused.code, applied.code, ran.code) == (2, 0, 0)
    assert "BUCKETLIFT_ALLOW_AMBIENT_AWS=true" in refused.json["error"]["hint"]
    assert (later.code, later.json["error"]["what"]) == (1, refused.json["error"]["what"])


def test_an_acknowledgement_is_a_command_with_a_reason(make: Makes) -> None:
    world = make()
    early = command(world, "accounts", "acknowledge", "acme", "--reason", "why not", "--json")
    world.server.trust("bucketlift", {})
    command(world, "accounts", "doctor", "acme", *DELETE)
    warned = command(world, "accounts", "list").out

    command(world, "accounts", "acknowledge", "acme", "--reason", "alone here")

    shown = command(world, "accounts", "show", "acme").out
    assert (early.code, early.json["error"]["what"]) == (2, "This account has no warning to acknowledge")
    assert "warning: acme: can be assumed without your external ID" in warned
    assert "warning" not in command(world, "accounts", "list").out
    assert "alone here" in shown
