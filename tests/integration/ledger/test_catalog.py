"""What people named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.errors import NotFound
from bucketlift.ledger.catalog import Removed
from bucketlift.model.account import Account, AwsRole
from builders import NOON, a_workflow

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


def test_a_run_keeps_the_version_it_was_asked_for(ledger):
    ledger.catalog.save(workflows=(a_workflow(title="Later"),), now=NOON)
    ledger.catalog.save(removed=Removed(workflows=("nightly",)), now=NOON)

    assert ledger.catalog.of_run(ledger.runs.get(ledger.run)).workflow == a_workflow()


def test_a_name_that_is_not_there_is_told_with_those_that_are(ledger):
    with pytest.raises(NotFound, match=r"There is no workflow of this name: nigthly. Known: nightly."):
        ledger.catalog.workflow("nigthly")
