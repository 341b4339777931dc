"""What a store says when it refuses: held with a reason, told as it was meant, and the same by the doctor."""

from __future__ import annotations

import pytest

from bucketlift.testing.faults import Refuses
from e2e.world import EVERYTHING, World, extract, load, table_of
from integration.doctor.conftest import Makes, examine

pytestmark = pytest.mark.slow

FIRST, SECOND = "in/a.csv", "in/b.csv"
ROLE = "arn:aws:sts::111122223333:assumed-role/bucketlift/x"
SCP = (
    f"User: {ROLE} is not authorized to perform: s3:{{}} on resource: arn:aws:s3:::drop "
    "with an explicit deny in a service control policy"
)
SSE_C = (
    "The object was stored using a form of Server Side Encryption. The correct parameters must be provided "
    "to retrieve the object."
)
LOCKED = "Access Denied because object protected by object lock."


def world_of(make: Makes) -> World:
    world = make(empty=True)
    world.apply(extract("delete"), load(), granted=EVERYTHING)
    world.put(FIRST, table_of(("1", "Ann")))
    world.put(SECOND, table_of(("2", "Bob")))
    return world


def test_an_object_that_only_its_writer_can_decrypt_is_held_and_the_others_are_loaded(make: Makes) -> None:
    world = world_of(make)
    world.server.faults.add(
        "GetObject", Refuses(status=400, code="InvalidRequest", message=SSE_C), key=FIRST, times=99
    )

    ran, report = world.run(), examine(world)

    (held,) = [each for each in ran["files"] if each["state"] == "held"]
    assert (held["key"], held["reason"], ran["exit"], world.rows()) == (
        FIRST,
        "customer-key",
        3,
        [("2", "Bob")],
    )
    assert "SSE-C" in held["hint"]
    assert SSE_C in held["hint"]
    (found,) = [each for each in report.findings if each.check == "get"]
    assert (found.health.value, "SSE-C" in found.hint) == ("missing", True)


def test_an_object_that_is_locked_keeps_its_action_waiting_with_that_reason(make: Makes) -> None:
    world = world_of(make)
    for operation in ("DeleteObject", "DeleteObjects"):
        world.server.faults.add(
            operation, Refuses(status=403, code="AccessDenied", message=LOCKED), key=FIRST, times=99
        )

    ran = world.run()

    (held,) = [each for each in ran["files"] if each["state"] == "action-held"]
    assert (held["key"], held["reason"]) == (FIRST, "object-lock")
    assert LOCKED in held["hint"]
    assert "Grant" not in held["hint"]
    assert (sorted(world.rows()), world.keys()) == ([("1", "Ann"), ("2", "Bob")], [FIRST])


@pytest.mark.parametrize(
    ("operation", "check"), [("ListObjectsV2", "list"), ("GetObject", "get"), ("AssumeRole", "role")]
)
def test_an_explicit_deny_is_no_missing_grant_for_the_doctor_and_a_run(
    make: Makes, operation: str, check: str
) -> None:
    world = world_of(make)
    denied = Refuses(status=403, code="AccessDenied", message=SCP.format(operation))
    world.server.faults.add(operation, denied, times=999)

    report, ran = examine(world), world.run()

    hints = [each.hint for each in report.findings if each.check == check and each.health.value == "missing"]
    hints.append(str((ran.get("error") or ran["files"][0])["hint"]))
    assert len(hints) == 2
    for hint in hints:
        assert "An explicit deny in a service control policy forbids" in hint
        assert ROLE in hint
        assert "Grant" not in hint
    assert ran["exit"] == 1
