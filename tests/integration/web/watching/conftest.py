"""A small world with a page."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bucketlift.model.worker import WorkerKind
from bucketlift.service.ops.serving import serving
from e2e.world import World, extract, load, table_of
from visitors import Page, opened

A, B = ("1", "Ada"), ("2", "Bob")
TORN = b'id,name\n1,Ada\n2,"Bo\x07b" \xe2\x80\xaex\n3,<script>alert(1)</script>' + b"y" * 600 + b",x\n"


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    made = World.at(tmp_path)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    yield made
    made.server.stop()


def made(world: World) -> World:
    """One file is loaded, one held for another header, one for its rejects; deletes wait a week."""
    world.apply(extract({"action": "delete", "delay": "7d"}), load())
    world.put("in/good.csv", table_of(A, B))
    world.put("in/other.csv", table_of(A, header="id,fullname"))
    world.put("in/torn.csv", TORN)
    world.run()
    return world


def files_of(page: Page) -> dict[str, str]:
    """Files by their keys' last part."""
    return {claim.source.key.rpartition("/")[2]: claim.id for claim in page.app.ledger.claims.find()}


@pytest.fixture
def ran(world: World) -> World:
    return made(world)


@pytest.fixture
def page(ran: World) -> Iterator[Page]:
    with opened(ran.home) as opened_page:
        yield opened_page


@pytest.fixture
def ids(page: Page) -> dict[str, str]:
    return files_of(page)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The same, for all tests that change no file and read none: its server tells of requests to a closed stream."""
    world = World.at(tmp_path_factory.mktemp("shared"))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in world.environment.items():
            patch.setenv(name, value)
        with opened(made(world).home) as opened_page:
            yield opened_page
    world.server.stop()


@pytest.fixture
def known(shared: Page) -> dict[str, str]:
    return files_of(shared)


@contextmanager
def at_work(page: Page) -> Iterator[None]:
    """A worker that does what the page asks for."""
    with serving(page.app, WorkerKind.SERVE):
        yield
