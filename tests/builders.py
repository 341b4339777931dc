"""One obvious default each; keywords change it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from bucketlift.model.claim import Claim, ClaimId, Pinned, claim_id
from bucketlift.model.contract import Contract, Field
from bucketlift.model.lifecycle import FileState
from bucketlift.model.load import Column, Target
from bucketlift.model.source import ListedObject, Selection, SourceObject, StoreId
from bucketlift.model.workflow import Delete, ExtractTask, LoadTask, Workflow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def a_source(key: str = "in/a.csv", **changes: Any) -> SourceObject:
    source = SourceObject(store=StoreId("aws"), bucket="drop", key=key, etag="e1", size=10, occurrence=1)
    return replace(source, **changes)


def a_listing(key: str = "in/a.csv", **changes: Any) -> ListedObject:
    return replace(ListedObject(key=key, etag="e1", size=10, modified=NOON), **changes)


def a_claim(source: SourceObject | None = None, **changes: Any) -> Claim:
    source = source or a_source()
    claim = Claim(id=ClaimId("c1"), source=source, workflow="nightly", task="files", state=FileState.CLAIMED)
    return replace(claim, **changes)


def a_pinned(source: SourceObject | None = None, **changes: Any) -> Pinned:
    source = source or a_source()
    pinned = Pinned(
        claim=claim_id("nightly", "files", source), source=source, modified=NOON, state=FileState.CLAIMED
    )
    return replace(pinned, **changes)


def an_extract(**changes: Any) -> ExtractTask:
    task = ExtractTask(
        id="files",
        account="acme",
        selection=Selection(bucket="drop", prefix="in/"),
        contract=Contract(fields=(Field(name="id"), Field(name="name"))),
        after_import=Delete(),
    )
    return replace(task, **changes)


def a_target(**changes: Any) -> Target:
    columns = (Column(name="id", field="id"), Column(name="name", field="name"))
    return replace(Target(table="people", columns=columns), **changes)


def a_load(**changes: Any) -> LoadTask:
    return replace(
        LoadTask(id="people", source="files", destination="warehouse", target=a_target()), **changes
    )


def a_workflow(*tasks: Any, **changes: Any) -> Workflow:
    workflow = Workflow(
        key="nightly", title="nightly", project="hr", tasks=tuple(tasks) or (an_extract(), a_load())
    )
    return replace(workflow, **changes)
