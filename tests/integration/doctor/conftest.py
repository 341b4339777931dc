"""A world with an account ``acme`` whose role may be told what to grant, and the doctor's answer in short."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from bucketlift.definition.fragments import account_from
from bucketlift.model.source import Precondition
from bucketlift.service.accounts import accounts, doctor
from bucketlift.service.accounts.doctor import Report
from bucketlift.service.accounts.required_permissions import AccountUse
from commands import Answered
from e2e.world import EVERYTHING, World

Makes = Callable[..., World]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Makes]:
    """Makes a world whose role grants what is said; the bucket holds ``in/a.csv`` unless it is to be empty."""
    made: list[World] = []

    def one(
        granted: Sequence[Mapping[str, Any]] = EVERYTHING,
        *,
        weak: Collection[Precondition] = (),
        hides_missing: bool = False,
        empty: bool = False,
        **more: Any,
    ) -> World:
        world = World.at(tmp_path, weak=weak, hides_missing=hides_missing)
        made.append(world)
        for name, value in world.environment.items():
            monkeypatch.setenv(name, value)
        with world.app() as app:
            accounts.add(app, account_from("acme", {**world.account, **more}))
        world.grant(granted)
        if not empty:
            world.put("in/a.csv", b"id,name\n1,Ann\n")
        return world

    yield one
    for world in made:
        world.server.stop()


def examine(world: World, after_import: str = "delete", **more: Any) -> Report:
    if after_import == "move":
        more = {"archive": "archive", "archive_prefix": "old/", **more}
    asked = AccountUse(bucket="drop", prefix="in/", after_import=after_import)
    with world.app() as app:
        return doctor.examine(app, "acme", AccountUse(**{**_of(asked), **more}))


def command(world: World, *arguments: str) -> Answered:
    return world.command(*arguments)


def _of(asked: AccountUse) -> dict[str, Any]:
    return {name: getattr(asked, name) for name in AccountUse.__dataclass_fields__}


def short(report: Report) -> dict[str, str]:
    """Each check's health, without those that are as they should be."""
    return {each.check: each.health.value for each in report.findings if each.health.value != "ok"}
