"""The results of a doctor's checks on the page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import bucketlift.stores.doctor
from bucketlift.model.finding import Finding, Health
from bucketlift.stores.doctor.visit import _ENTRIES
from bucketlift.web.findings import CHECK_NAMES, summary, worst_first


def findings(*healths: Health) -> list[Finding]:
    return [Finding(check=str(n), health=health, what="w") for n, health in enumerate(healths)]


def test_failures_come_first_and_the_rest_keeps_its_order():
    found = findings(Health.OK, Health.WARNING, Health.OK, Health.MISSING, Health.UNKNOWN)

    assert [each.check for each in worst_first(found)] == ["3", "1", "4", "0", "2"]


def test_the_summary_counts_the_passed_checks():
    assert [
        summary(findings(Health.OK)),
        summary(findings(Health.OK, Health.OK)),
        summary(findings(Health.OK, Health.MISSING)),
    ] == ["The check passed", "All 2 checks passed", "1 of 2 checks passed"]


def test_each_check_of_an_account_has_a_name_on_the_page():
    folder = Path(bucketlift.stores.doctor.__file__).parent
    checks = {
        text
        for module in folder.glob("*.py")
        for call in ast.walk(ast.parse(module.read_text()))
        if isinstance(call, ast.Call) and _name(call) in CALLS
        for text in [next((_text(each) for each in call.args if _text(each)), "")]
    }

    assert checks - {""} | set(_ENTRIES.values()) <= set(CHECK_NAMES)
    assert {"list", "get", "delete", "archive put", "tags write"} <= checks


CALLS = {"ok", "ask", "add_finding", "refused", "ignored", "_untaggable"}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _text(each: ast.expr) -> str:
    if (
        isinstance(each, ast.Constant)
        and isinstance(each.value, str)
        and re.fullmatch(r"[a-z -]+", each.value)
    ):
        return each.value
    return ""
