"""What people named."""

from __future__ import annotations

from dataclasses import replace
from threading import Thread

import pytest
import sqlalchemy as sa

from bucketlift.errors import NeedsPerson, NotFound, RequestWrong, SecretUnreadable
from bucketlift.ledger import tables
from bucketlift.ledger.runs.runs import Runs
from bucketlift.ledger.secrets.secrets import Secrets
from bucketlift.ledger.workflows.catalog import Removed
from bucketlift.ledger.workflows.drafts import ChangedMeanwhile
from bucketlift.ledger.workflows.publishing import publish
from bucketlift.model.account import Account, AwsRole
from bucketlift.model.workflow import Keep
from builders import NOON, a_load, a_workflow, an_extract

ROLE = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")
ACME = Account(name="acme", project="hr", settings=ROLE)


def test_an_external_id_is_made_once_and_outlives_changes_and_removal(ledger):
    ledger.catalog.save(accounts=(ACME,), now=NOON)
    first = ledger.catalog.account("acme").settings.external_id
    ledger.catalog.save(accounts=(replace(ACME, settings=replace(ROLE, region="eu-west-1")),), now=NOON)
    ledger.catalog.save(removed=Removed(accounts=("acme",)), now=NOON)
    gone = ledger.catalog.accounts()
    ledger.catalog.save(accounts=(ACME,), now=NOON)

    assert len(first) >= 32
    assert gone == {}
    assert ledger.catalog.account("acme") == replace(ACME, settings=replace(ROLE, external_id=first))


def test_an_external_id_that_a_client_names_is_not_taken(ledger):
    chosen = replace(ACME, settings=replace(ROLE, external_id="mine"))
    ledger.catalog.save(accounts=(chosen,), now=NOON)

    assert ledger.catalog.account("acme").settings.external_id != "mine"


def test_two_accounts_have_two_external_ids(ledger):
    ledger.catalog.save(accounts=(ACME, replace(ACME, name="other")), now=NOON)

    accounts = ledger.catalog.accounts()

    assert accounts["acme"].settings.external_id != accounts["other"].settings.external_id


def test_a_workflow_that_does_not_change_gets_no_new_version(ledger):
    ledger.catalog.save(workflows=(a_workflow(),), now=NOON)
    same = ledger.catalog.workflow("nightly").version
    ledger.catalog.save(workflows=(a_workflow(title="Nightly people"),), now=NOON)
    changed = ledger.catalog.workflow("nightly")

    assert (same, changed.version, changed.workflow.title) == (1, 2, "Nightly people")


def test_a_change_that_rests_on_a_version_that_is_no_longer_the_newest_saves_nothing(ledger):
    catalog, flow = ledger.catalog, replace(a_workflow(a_load()), key="weekly")
    catalog.save(workflows=(flow,), based_on={flow.key: None}, now=NOON)
    catalog.enable(flow.key, enabled=False, now=NOON)

    for stale in (None, 1):
        with pytest.raises(ChangedMeanwhile):
            catalog.save(workflows=(replace(flow, title="Mine"),), based_on={flow.key: stale}, now=NOON)

    assert catalog.workflow(flow.key).workflow == replace(flow, enabled=False)
    catalog.save(workflows=(replace(flow, title="Mine"),), based_on={flow.key: 2}, now=NOON)
    assert catalog.workflow(flow.key).workflow.title == "Mine"


def test_a_run_keeps_the_version_it_was_asked_for(ledger):
    ledger.catalog.save(workflows=(a_workflow(title="Later"),), now=NOON)
    ledger.catalog.save(removed=Removed(workflows=("nightly",)), now=NOON)

    assert ledger.catalog.of_run(ledger.runs.get(ledger.run)).workflow == a_workflow()


def test_a_name_that_is_not_there_is_told_with_those_that_are(ledger):
    with pytest.raises(NotFound, match=r"There is no workflow with this name: nigthly. Known: nightly."):
        ledger.catalog.workflow("nigthly")


def test_switching_a_workflow_keeps_what_somebody_applied_meanwhile(ledger):
    """Whoever comes second builds on what the first left, and not on what was there before both."""
    kept = a_workflow(an_extract(after_import=Keep()), a_load())
    switching = Thread(target=lambda: ledger.catalog.enable("nightly", enabled=False, now=NOON))

    with ledger.database.writing() as connection:
        switching.start()
        switching.join(0.2)
        publish(connection, kept, NOON)
    switching.join()

    newest = ledger.catalog.workflow("nightly")
    assert (newest.version, newest.workflow) == (3, replace(kept, enabled=False))


def test_a_workflow_that_is_not_there_cannot_be_switched(ledger):
    with pytest.raises(NotFound, match="There is no workflow with this name"):
        ledger.catalog.enable("other", enabled=True, now=NOON)


def test_a_name_is_given_once_and_with_it_what_the_first_sealed(ledger):
    sealed = []
    ledger.catalog.add(ACME, seal=lambda _: sealed.append("first"), now=NOON)

    with pytest.raises(
        RequestWrong, match="There is already an account with this name, created by project hr"
    ):
        ledger.catalog.add(ACME, seal=lambda _: sealed.append("second"), now=NOON)

    assert sealed == ["first"]


def test_a_secret_that_cannot_be_sealed_leaves_no_account(ledger):
    def refused(shelf):
        shelf.put("acme-access-key", b"sealed", now=NOON)
        raise SecretUnreadable("The key of the vault cannot be read", to="key")

    with pytest.raises(SecretUnreadable):
        ledger.catalog.add(ACME, seal=refused, now=NOON)

    assert (ledger.catalog.accounts(), Secrets(ledger.database).names()) == ({}, ())


@pytest.fixture
def unreadable(ledger):
    """Beside ``nightly`` a workflow that a version to come has written."""
    strange = a_workflow(key="strange", project="other")
    ledger.catalog.save(workflows=(strange,), now=NOON)
    with ledger.database.writing() as connection:
        connection.execute(
            sa.update(tables.workflow_versions)
            .where(tables.workflow_versions.c.workflow == "strange")
            .values(definition={"format": 99})
        )
    return ledger.catalog


def test_a_workflow_that_cannot_be_read_hinders_nobody_who_asks_for_another(unreadable):
    unreadable.enable("nightly", enabled=False, now=NOON)

    assert unreadable.workflow("nightly").workflow == a_workflow(enabled=False)
    assert list(unreadable.workflows()) == ["nightly"]
    assert unreadable.readable() == (a_workflow(enabled=False),)


def test_a_workflow_that_cannot_be_read_is_named_to_those_who_need_it_or_every_one(unreadable):
    asking = (
        lambda: unreadable.workflow("strange"),
        lambda: unreadable.enable("strange", enabled=True, now=NOON),
        lambda: unreadable.version("strange", 1),
        unreadable.all,
        lambda: unreadable.all(mending="hr"),
    )

    for ask in asking:
        with pytest.raises(NeedsPerson, match=r"This version cannot read the workflow .*: strange"):
            ask()


def test_a_workflow_that_cannot_be_read_is_replaced_by_its_project_or_removed(unreadable):
    seen = unreadable.all(mending="other")
    unreadable.save(workflows=(a_workflow(key="strange", project="other"),), now=NOON)
    mended = list(unreadable.workflows())
    unreadable.require("strange")
    unreadable.save(removed=Removed(workflows=("strange",)), now=NOON)

    assert (seen, mended, unreadable.all()) == ((a_workflow(),), ["nightly", "strange"], (a_workflow(),))


def test_bytes_that_are_no_text_are_a_wrong_request(database):
    with pytest.raises(RequestWrong, match="not UTF-8 text"):
        Runs(database).get("\udcff")
