"""The page's form of an extract keeps what it does not show."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import FormData

from bucketlift.web.extract.setup_form import with_form

KNOWN: dict[str, Any] = {
    "bucket": "hr",
    "requester_pays": True,
    "restore": {"days": 7, "tier": "Bulk"},
    "after_import": {
        "action": "move",
        "bucket": "archive",
        "storage_class": "GLACIER_IR",
        "on_collision": "hold",
    },
}


@pytest.mark.parametrize(
    ("action", "kept"), [("move", {"storage_class": "GLACIER_IR", "on_collision": "hold"}), ("rename", {})]
)
def test_terms_and_classes_of_a_task_outlive_a_change_on_the_page(action: str, kept: dict[str, str]) -> None:
    form = FormData({"bucket": "hr2", "after_import": action, "archive": "old", "rename_prefix": "done-"})

    changed = with_form(form, KNOWN)

    assert (changed["bucket"], changed["requester_pays"], changed["restore"]) == (
        "hr2",
        True,
        KNOWN["restore"],
    )
    assert {name: at for name, at in changed["after_import"].items() if name in kept} == kept
    assert ("storage_class" in changed["after_import"]) is bool(kept)
