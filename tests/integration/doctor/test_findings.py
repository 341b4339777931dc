"""What else the doctor finds: roles that do not trust, clocks, regions, stores that ignore preconditions."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bucketlift.model.source import Honoured, Precondition, StoreId
from bucketlift.service.accounts import accounts, doctor
from bucketlift.service.accounts.required_permissions import AccountUse
from bucketlift.testing.faults import LoginPage, Refuses
from e2e.world import EVERYTHING, extract, load
from integration.doctor.conftest import Makes, examine, short

pytestmark = pytest.mark.slow

CHECKS = {
    Precondition.DELETE: "delete",
    Precondition.COPY_SOURCE: "copy source",
    Precondition.COPY_CREATE: "copy create",
    Precondition.PART_COPY_SOURCE: "part source",
    Precondition.COMPLETE_CREATE: "part create",
}


@pytest.mark.parametrize("weak", CHECKS)
def test_a_precondition_that_is_ignored_is_named_and_remembered(make: Makes, weak: Precondition) -> None:
    world = make(weak={weak})

    report = examine(world, "move")

    with world.app() as app:
        remembered = app.ledger.probes.find(StoreId("aws"), "drop") | app.ledger.probes.find(
            StoreId("aws"), "archive"
        )
    assert (report.passed, short(report)) == (False, {CHECKS[weak]: "ignored"})
    checked = set(Precondition) - {Precondition.PUT_CREATE}  # for exports
    honoured = {each: Honoured.NO if each is weak else Honoured.YES for each in checked}
    if weak is Precondition.DELETE:  # of many keys nothing is asked then
        del honoured[Precondition.DELETE_EACH]
    assert remembered == honoured


def test_a_store_that_looks_at_no_etag_among_many_keys_is_as_good_and_told(make: Makes) -> None:
    world = make(weak={Precondition.DELETE_EACH})

    report = examine(world)

    with world.app() as app:
        remembered = app.ledger.probes.find(StoreId("aws"), "drop")
    assert (report.passed, short(report)) == (True, {})
    assert remembered == {Precondition.DELETE: Honoured.YES, Precondition.DELETE_EACH: Honoured.NO}
    (told,) = [each.what for each in report.findings if each.check == "delete each"]
    assert told == "DeleteObjects is not reliable on this store: files are deleted one by one"


def test_what_an_abler_account_found_out_is_not_forgotten_for_a_refusal(make: Makes) -> None:
    world = make()
    examine(world)
    world.grant([{"Effect": "Allow", "Action": ["s3:ListBucket", "s3:GetObject"], "Resource": "*"}])

    report = examine(world)

    with world.app() as app:
        remembered = app.ledger.probes.find(StoreId("aws"), "drop")
    assert short(report) == {"delete": "missing"}
    assert remembered == {Precondition.DELETE: Honoured.YES, Precondition.DELETE_EACH: Honoured.YES}


def test_a_role_that_does_not_trust_us_is_the_only_finding(make: Makes) -> None:
    world = make()
    world.server.distrust("bucketlift")

    report = examine(world, "move")

    (finding,) = report.findings
    assert (finding.check, finding.health.value) == ("role", "missing")
    assert finding.what == "The role could not be assumed (AccessDenied)"
    assert "external ID" in finding.hint


@pytest.mark.parametrize("minutes", [-20, 20])
@pytest.mark.parametrize("entered", [True, False], ids=["at S3", "at STS"])
def test_a_clock_20_minutes_off_is_the_only_finding(make: Makes, minutes: int, entered) -> None:
    world = make()
    off = timedelta(minutes=minutes)
    if entered:
        world.server.faults.add("AssumeRole", _then(lambda: world.server.clock_is_ahead(off)))
    else:
        world.server.clock_is_ahead(off)

    report = examine(world)

    (finding,) = report.findings
    assert (finding.check, finding.health.value) == ("clock", "missing")
    assert "clock" in finding.hint


def _then(act):
    from bucketlift.testing.faults import Calls  # noqa: PLC0415 - beside its one use

    return Calls(after=act)


def test_a_clock_that_is_off_a_little_is_a_warning(make: Makes) -> None:
    world = make()
    world.server.clock_is_ahead(timedelta(minutes=5))

    report = examine(world)

    assert (report.passed, short(report)) == (True, {"clock": "warning"})


def test_a_wrong_region_loads_anyway_and_is_told(make: Makes) -> None:
    world = make(region="eu-west-1")

    report = examine(world)

    (finding,) = [each for each in report.findings if each.check == "region"]
    assert (report.passed, finding.health.value) == (True, "warning")
    assert finding.hint == "Set the account's region to us-east-1."


def test_a_region_that_leads_nowhere_is_named(make: Makes) -> None:
    world = make()
    wrong = Refuses(status=400, code="IllegalLocationConstraintException")
    world.server.faults.add("ListObjectsV2", wrong, times=9)

    assert short(examine(world))["region"] == "missing"


def test_a_proxy_in_between_is_not_taken_for_an_empty_bucket(make: Makes) -> None:
    world = make()
    world.server.faults.add("ListObjectsV2", LoginPage(), times=9)

    report = examine(world)

    assert not report.passed


def test_a_server_that_is_not_there_is_out_of_reach(make: Makes) -> None:
    world = make()
    world.server.stop()

    report = examine(world)

    assert [(each.check, each.health.value) for each in report.findings] == [("reach", "missing")]


def test_a_workflow_s_tasks_say_what_is_looked_at(make: Makes) -> None:
    world = make()
    world.apply(
        extract({"action": "move", "bucket": "archive", "prefix": "old/"}), load(), granted=EVERYTHING
    )

    with world.app() as app:
        report = doctor.examine(app, "acme", AccountUse(workflow="w"))

    assert report.passed
    assert {"archive put", "copy create", "delete"} <= {each.check for each in report.findings}
    assert len(set(report.findings)) == len(report.findings)


def test_session_names_tell_the_owner_which_installation_calls_and_for_what(make: Makes) -> None:
    world = make()
    world.apply(extract("delete"), load(), granted=EVERYTHING)
    world.put("in/a.csv", b"id,name\n1,Ann\n")
    world.run()
    examine(world)

    names = {each.arn.rpartition("/")[2] for each in world.server._callers._known.values() if each.expires}
    (installation,) = {name.split("-")[1] for name in names}
    assert names == {f"bucketlift-{installation}-w", f"bucketlift-{installation}-doctor"}
    assert len(installation) == 8


class TestDeputies:
    TRUSTING = ("no condition", "any id")

    @pytest.mark.parametrize("condition", [{}, {"StringLike": {"sts:ExternalId": "*"}}], ids=TRUSTING)
    def test_a_role_that_trusts_anybody_is_a_warning_until_somebody_says_why(
        self, make: Makes, condition
    ) -> None:
        world = make()
        world.server.trust("bucketlift", condition)

        first = examine(world)
        with world.app() as app:
            before = accounts.known(app, "acme")["warnings"]
            accounts.acknowledge(app, "acme", by="ann", reason="no other tenant here")
            after = accounts.known(app, "acme")
        second = examine(world)

        assert (first.passed, short(first)) == (True, {"deputy": "warning"})
        assert len(before) == 1
        assert "can be assumed without your external ID" in before[0]
        assert (after["warnings"], after["deputy"]["acknowledged"]["reason"]) == ([], "no other tenant here")
        assert short(second) == {}
        assert "Acknowledged by ann: no other tenant here" in second.findings[-1].what

    def test_a_role_that_is_mended_and_opened_again_warns_again(self, make: Makes) -> None:
        world = make()
        world.server.trust("bucketlift", {})
        examine(world)
        with world.app() as app:
            accounts.acknowledge(app, "acme", by="ann", reason="for now")
        world.grant()
        mended = examine(world)
        world.server.trust("bucketlift", {})

        opened = examine(world)

        assert (short(mended), short(opened)) == ({}, {"deputy": "warning"})

    def test_what_is_known_of_a_role_is_not_said_of_another_one(self, make: Makes) -> None:
        world = make()
        world.server.trust("bucketlift", {})
        examine(world)

        arn = "arn:aws:iam::111122223333:role/another"
        world.apply(accounts={"acme": {"kind": "aws-role", "role_arn": arn, "region": "us-east-1"}})

        with world.app() as app:
            assert app.ledger.catalog.deputies() == {}

    def test_it_stops_no_run(self, make: Makes) -> None:
        world = make()
        world.apply(extract("delete"), load())
        world.server.trust("bucketlift", {})
        examine(world)

        assert world.run()["exit"] == 0

    def test_sts_that_does_not_say_is_no_finding_against_the_role(self, make: Makes) -> None:
        world = make()
        world.server.faults.add(
            "AssumeRole", Refuses(status=400, code="PackedPolicyTooLarge"), nth=2, times=9
        )

        report = examine(world)

        assert (report.passed, short(report)) == (True, {"deputy": "unknown"})
        with world.app() as app:
            assert app.ledger.catalog.deputies() == {}
