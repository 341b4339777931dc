"""Files are imported into the hosted platform, each chunk effective once, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bucketlift.engine.delivering.patience import LONGEST, Patience
from e2e.world import brief, extract, loaded, table_of
from hosted_platform.platform import TOKEN, Fault, Platform
from hosted_platform.records import Project

pytestmark = pytest.mark.slow


@pytest.fixture
def platform() -> Iterator[Platform]:
    made = Platform()
    yield made
    made.stop()


@pytest.fixture
def here(world, platform, monkeypatch):
    """The world with a destination `platform`, whose token is in the environment."""
    monkeypatch.setenv("QX", TOKEN)
    monkeypatch.setenv("BUCKETLIFT_ALLOWED_PLATFORMS", platform.url)
    monkeypatch.setattr(Patience, "wait", without_waiting)
    return world


def without_waiting(self: Patience, asked: float | None = None) -> bool:
    """Count the wait against the limit, but do not wait."""
    seconds = self.next if asked is None else asked
    if self.waited + seconds > self.limit:
        return False
    self.next = min(self.next * 2, LONGEST)
    self.waited += seconds
    return True


def places(platform, **more):
    settings = {"datacenter": "iad1", "base_url": platform.url, "token": {"env": "QX"}, "directory": "POOL_1"}
    return {"platform": {"kind": "qualtrics", **settings, "merges_contacts": True, **more}}


def contacts(**more):
    named = {"id": ["ExternalReference"], "name": ["FirstName"]}
    return {
        "id": "contacts",
        "load_contacts": {"from": "files", "to": "platform", "list": "All staff", "map": named, **more},
    }


def answers():
    return {"id": "answers", "load_responses": {"from": "files", "to": "platform", "survey": "SV_1"}}


def records():
    return {
        "id": "records",
        "load_records": {"from": "files", "to": "platform", "project": "IDP_1", "key": "id"},
    }


FILE = table_of(("1", "Ada"), ("2", "Grace"), ("3", "Edsger"))
ROWS = [("1", "Ada"), ("2", "Grace"), ("3", "Edsger")]


def names(platform):
    return [(each["extRef"], each["firstName"]) for each in platform.contacts.contacts]


def test_a_file_becomes_contacts_responses_and_records_and_is_then_deleted(here, platform):
    platform.records.projects["IDP_1"] = Project(unique="id", types={"id": "string", "name": "string"})
    here.apply(extract("delete"), contacts(), answers(), records(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    ended = here.run()

    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert loaded(ended) == {"contacts": (3, 0, 0), "answers": (3, 0, 0), "records": (3, 0, 0)}
    assert names(platform) == ROWS
    assert [tuple(each.values()) for each in platform.responses.surveys["SV_1"]] == ROWS
    assert [tuple(each.values()) for each in platform.records.projects["IDP_1"].records] == ROWS
    assert here.keys() == []


@pytest.mark.parametrize("fault", [Fault.LOSE_ANSWER, Fault.BUSY])
def test_contacts_and_responses_take_effect_once_whatever_fails(here, platform, fault):
    here.apply(extract("delete"), contacts(), answers(), destinations=places(platform))
    here.put("in/a.csv", FILE)
    platform.faults.extend([fault, None, fault])

    ended = here.run()

    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert names(platform) == ROWS
    assert len(platform.responses.surveys["SV_1"]) == 3


def test_transactions_whose_answer_is_lost_wait_for_a_person(here, platform):
    dated = contacts(
        map={"id": ["ExternalReference"], "name": []},
        transactions={"date": {"field": "name"}, "fields": ["id"]},
    )
    dated["load_contacts"]["map"] = {"id": ["Ref"], "name": []}
    here.apply(extract("keep"), dated, destinations=places(platform))
    here.put(
        "in/a.csv",
        table_of(
            ("1", "2027-01-01"),
        ),
    )
    platform.faults.append(Fault.LOSE_ANSWER)

    held = here.run()
    (file,) = held["files"]
    confirmed = here.command("deliveries", "confirm", file["id"], "--yes")
    ended = here.run()

    assert brief(held) == [("in/a.csv", "held", 1, "in-doubt")]
    assert f"Look in the platform ({platform.url}) for an import by the API" in file["hint"]
    assert confirmed.code == 0, confirmed.err
    assert brief(ended) == [("in/a.csv", "done", 1, None)]
    assert platform.contacts.transactions == [{"name": "2027-01-01", "id": "1"}]


def test_refused_contacts_become_rejects_with_the_code_of_the_platform(here, platform):
    platform.contacts.refuse = lambda row: f"no_mail {row['firstName']}" if row["extRef"] == "2" else None
    here.apply(extract("keep", max_rejected=1), contacts(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    (file,) = here.run()["files"]

    (reject,) = here.command("rejects", "list", file["id"], "--json").json["rejects"]
    assert (reject["line"], reject["reason"], reject["message"]) == (
        3,
        "refused-by-destination",
        "failed no_mail …",
    )
    assert [each[0] for each in names(platform)] == ["1", "3"]


def test_a_job_that_never_ends_is_asked_about_by_the_next_run(here, platform):
    platform.contacts.jobs.polls = -1
    here.apply(extract("delete"), contacts(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    first = here.run()
    platform.contacts.jobs.end()
    ended = here.run()

    assert brief(first) == [("in/a.csv", "retrying", 3, "not-loaded")]
    assert "still works on chunk 1 (job CG_1/import-1)" in first["files"][0]["what"]
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert platform.contacts.imports == [3]


def test_a_platform_that_is_busy_for_an_hour_leaves_the_file_to_the_next_run(here, platform):
    platform.always = Fault.BUSY_FOR_AN_HOUR
    here.apply(extract("delete"), contacts(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    first = here.run()
    platform.always = None
    ended = here.run()

    assert brief(first) == [("in/a.csv", "retrying", 3, "not-loaded")]
    assert "429 [RL_0: too many calls" in first["files"][0]["what"]
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert names(platform) == ROWS


def test_a_survey_that_is_gone_and_a_token_without_the_right_fail_the_run_with_what_to_do(here, platform):
    here.apply(extract("delete"), answers(), destinations=places(platform))
    here.put("in/a.csv", FILE)
    known, platform.responses.surveys = platform.responses.surveys, {}
    gone = here.run()
    platform.responses.surveys, platform.may_import = known, False
    refused = here.run()
    platform.may_import = True
    ended = here.run()

    assert "survey SV_1" in gone["files"][0]["what"] + gone["tasks"][-1]["error"]["to"]
    assert "403 [AUTH_6" in refused["tasks"][-1]["error"]["what"]
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert len(known["SV_1"]) == 3


def test_an_address_that_the_operator_does_not_allow_is_never_called(here, platform, monkeypatch):
    monkeypatch.delenv("BUCKETLIFT_ALLOWED_PLATFORMS")
    here.apply(extract("keep"), answers(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    refused = here.run()

    assert "BUCKETLIFT_ALLOWED_PLATFORMS" in refused["tasks"][-1]["error"]["hint"]
    assert platform.calls == []


def test_an_import_that_the_platform_refuses_holds_the_file_until_a_retry(here, platform):
    platform.responses.fails = True
    here.apply(extract("delete"), answers(), destinations=places(platform))
    here.put("in/a.csv", FILE)

    held = here.run()
    platform.responses.fails = False
    here.decide("retry", "in/a.csv")
    ended = here.run()

    assert brief(held) == [("in/a.csv", "held", 3, "destination-refused")]
    assert "IMP_1: the file has no known question" in held["files"][0]["what"]
    assert brief(ended) == [("in/a.csv", "done", 3, None)]
    assert len(platform.responses.surveys["SV_1"]) == 3
