"""Checks the permissions of an account with real calls, and stores the findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from bucketlift.model.account import Deputy
from bucketlift.model.finding import Finding, Health
from bucketlift.model.sharing import Examined
from bucketlift.model.source import Honoured, Precondition, StoreId
from bucketlift.service.accounts.required_permissions import AccountUse, required_permissions
from bucketlift.service.core.app import App

BAD = frozenset({Health.MISSING, Health.IGNORED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    account: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether no check found a missing permission or an ignored precondition."""
        return not any(each.health in BAD for each in self.findings)

    def counts(self) -> Mapping[str, int]:
        found = Counter(each.health for each in self.findings)
        return {health.value: found[health] for health in Health}


def examine(app: App, name: str, use: AccountUse) -> Report:
    """Check an account for the tasks of a workflow, or for a bucket.

    Raises:
        RequestWrong: the use is incomplete or contradictory.
        NotFound, SecretUnreadable: the account cannot be opened.
    """
    findings: list[Finding] = []
    store = app.ledger.catalog.account(name).settings.store
    for need in required_permissions(app, name, use):
        report = app.doctor(name, need.selection, need.after_import, workflow=use.workflow or "doctor")
        _remember_probes(app, store, report.honoured)
        if report.open_to is not None:
            app.ledger.catalog.record_deputy(name, report.open_to, now=app.now())
        findings.extend(report.findings)
    deputy = app.ledger.catalog.deputies().get(name)
    all_findings = tuple(dict.fromkeys(_with_acknowledgement(each, deputy) for each in findings))
    app.ledger.sharings.record_examined(name, Examined(at=app.now(), findings=all_findings))
    return Report(account=name, findings=all_findings)


def shown(report: Report) -> dict[str, Any]:
    return {
        "account": report.account,
        "sound": report.passed,
        "summary": dict(report.counts()),
        "findings": [asdict(each) for each in report.findings],
    }


def _remember_probes(app: App, store: StoreId, honoured: Mapping[tuple[str, Precondition], Honoured]) -> None:
    """Store for each precondition whether the store obeys it. A denied check does not replace an earlier
    result.
    """
    for (bucket, precondition), answer in honoured.items():
        if answer is not Honoured.DENIED or precondition not in app.ledger.probes.find(store, bucket):
            app.ledger.probes.record(store, bucket, precondition, answer, now=app.now())


def _with_acknowledgement(finding: Finding, deputy: Deputy | None) -> Finding:
    accepted = deputy.acknowledged if deputy is not None else None
    if finding.check != "deputy" or finding.health is not Health.WARNING or accepted is None:
        return finding
    return replace(
        finding,
        health=Health.OK,
        what=f"{finding.what}. Acknowledged by {accepted.by}: {accepted.reason}",
        hint="",
    )
